/*
 * The internet of a lab: forwards frames between veth interfaces by IP destination, and gives every attached link a
 * one-way delay, jitter, loss, rate and MTU.
 *
 *   wan-switch CONTROL_SOCKET SEED < lines      (says `ready` once it forwards; takes the same lines on the socket)
 *
 *   port NAME MAC DELAY_US JITTER_US LOSS_PPM RATE_KBIT MTU     attach an interface, or change a link that is attached
 *   route ADDRESS/BITS NAME                                     packets for ADDRESS leave by NAME
 *   stats                                                       one line a port: counters
 *
 * Forwarding by address and not by MAC: hosts need no ARP or neighbour discovery across the WAN, so a lost frame is
 * always a lost packet and the first packet costs what any other does. A source address that is not routed to the port
 * it comes from is dropped, as access networks do (BCP 38); a NAT that leaks private addresses is noticed that way.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "frame-queue.h"

enum {
  MAX_PORTS = 64,
  MAX_ROUTES = 256,
  MAX_FRAME = 65536,
  /* frames taken from one port before the others get a turn */
  BATCH = 64,
  LINE_BYTES = 256,
  REPLY_BYTES = 16384,
  SOCKET_BUFFER_BYTES = 8 * 1024 * 1024,
  EVENT_TIMER = MAX_PORTS,
  EVENT_CONTROL
};

/* a shaped link holds this much, then drops what arrives: the buffer of a common access router */
static const uint64_t QUEUE_NS = 200000000ULL;
/* a frame may leave this much early: cheaper than one timer for each */
static const uint64_t SLACK_NS = 20000ULL;
static const uint8_t GATEWAY_MAC[ETH_ALEN] = {0x02, 0x4e, 0x4c, 0, 0, 1};

struct port {
  int fd;
  char name[IFNAMSIZ];
  uint8_t mac[ETH_ALEN];
  uint64_t delay_ns, jitter_ns, rate_kbit;
  uint32_t loss_ppm, mtu;
  uint64_t up_busy, down_busy;
  /* chance of its own each way: what others send does not change which of its packets are lost */
  uint64_t up_chance, down_chance;
  uint64_t in, out, lost, overflowed, oversized, spoofed, unrouted;
};

struct route {
  uint8_t address[16];
  int family, bits, port;
};

static struct port ports[MAX_PORTS];
static int port_count;
static struct route routes[MAX_ROUTES];
static int route_count;
static uint64_t seed;
static int poller, timer;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

/* splitmix64: the same seed gives the same losses for the same order of frames */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/* ---- forwarding ---- */

static int matches(const struct route *route, const uint8_t *address) {
  int whole = route->bits / 8, rest = route->bits % 8;
  if (memcmp(route->address, address, (size_t)whole) != 0) return 0;
  return rest == 0 || ((route->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

/* longest prefix; -1: nobody has that address */
static int port_of(int family, const uint8_t *address) {
  int best = -1, best_bits = -1;
  for (int i = 0; i < route_count; i++) {
    if (routes[i].family == family && routes[i].bits > best_bits && matches(&routes[i], address)) {
      best = routes[i].port;
      best_bits = routes[i].bits;
    }
  }
  return best;
}

static int is_lost(const struct port *port, uint64_t *chance) {
  return port->loss_ppm > 0 && next_random(chance) % 1000000 < port->loss_ppm;
}

static uint64_t jitter_of(const struct port *port, uint64_t *chance) {
  return port->jitter_ns == 0 ? 0 : next_random(chance) % (port->jitter_ns + 1);
}

/* when the last bit has passed a link of that rate; 0: its queue is full */
static uint64_t shape(const struct port *port, uint64_t *busy, uint64_t at, int length) {
  if (port->rate_kbit == 0) return at;
  if (*busy < at) *busy = at;
  if (*busy - at > QUEUE_NS) return 0;
  *busy += (uint64_t)length * 8 * 1000000 / port->rate_kbit;
  return *busy;
}

static void forward(int from, uint8_t *bytes, int length, uint64_t at) {
  struct port *in = &ports[from];
  int family, header = ETH_HLEN;
  const uint8_t *source, *destination;
  uint16_t type = (uint16_t)(bytes[12] << 8 | bytes[13]);
  if (type == ETH_P_IP && length >= header + 20) {
    family = AF_INET;
    source = bytes + header + 12;
    destination = bytes + header + 16;
  } else if (type == ETH_P_IPV6 && length >= header + 40) {
    family = AF_INET6;
    source = bytes + header + 8;
    destination = bytes + header + 24;
  } else {
    return;
  }
  /* what is meant for the link only: neighbour discovery, multicast reports */
  if (family == AF_INET6 && (source[0] == 0xfe || destination[0] >= 0xfe || (source[0] | source[1]) == 0)) return;
  in->in++;
  if (port_of(family, source) != from) {
    in->spoofed++;
    return;
  }
  int to = port_of(family, destination);
  if (to < 0 || to == from) {
    in->unrouted++;
    return;
  }
  struct port *out = &ports[to];
  if (length > (int)(in->mtu < out->mtu ? in->mtu : out->mtu) + header) {
    in->oversized++;
    return;
  }
  if (is_lost(in, &in->up_chance) || is_lost(out, &out->down_chance)) {
    in->lost++;
    return;
  }
  uint64_t sent = shape(in, &in->up_busy, at, length);
  if (sent == 0 || heap_size >= MAX_QUEUE) {
    in->overflowed++;
    return;
  }
  struct frame frame = {.port = to, .length = length, .shaped = out->rate_kbit == 0, .bytes = malloc((size_t)length)};
  if (frame.bytes == NULL) return;
  frame.due = sent + in->delay_ns + jitter_of(in, &in->up_chance) + out->delay_ns + jitter_of(out, &out->down_chance);
  memcpy(frame.bytes, bytes, (size_t)length);
  memcpy(frame.bytes, out->mac, ETH_ALEN);
  memcpy(frame.bytes + ETH_ALEN, GATEWAY_MAC, ETH_ALEN);
  heap_push(frame);
}

static void take_frames(int from) {
  static uint8_t bytes[MAX_FRAME];
  for (int i = 0; i < BATCH; i++) {
    ssize_t length = recv(ports[from].fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (length <= 0) return;
    if (length > ETH_HLEN) forward(from, bytes, (int)length, now_ns());
  }
}

static void release_frames(void) {
  uint64_t now = now_ns();
  while (heap_size > 0 && heap[0].due <= now + SLACK_NS) {
    struct frame frame = heap_pop();
    struct port *out = &ports[frame.port];
    /* the far link's rate counts from when a frame gets there, not from when it was sent */
    if (!frame.shaped) {
      uint64_t due = shape(out, &out->down_busy, frame.due, frame.length);
      if (due > 0) {
        frame.due = due;
        frame.shaped = 1;
        heap_push(frame);
        continue;
      }
      out->overflowed++;
    } else if (send(out->fd, frame.bytes, (size_t)frame.length, MSG_DONTWAIT) > 0) {
      out->out++;
    } else {
      out->overflowed++;
    }
    free(frame.bytes);
  }
  struct itimerspec when = {0};
  if (heap_size > 0) {
    when.it_value.tv_sec = (time_t)(heap[0].due / 1000000000ULL);
    when.it_value.tv_nsec = (long)(heap[0].due % 1000000000ULL);
  }
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---- the lines that set it up and change it ---- */

static int port_named(const char *name) {
  for (int i = 0; i < port_count; i++) {
    if (strcmp(ports[i].name, name) == 0) return i;
  }
  return -1;
}

static int watch(int fd, uint32_t tag) {
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = tag};
  return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

static const char *attach(const char *name) {
  struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
  int one = 1, size = SOCKET_BUFFER_BYTES;
  if (port_count >= MAX_PORTS) return "too many ports";
  where.sll_ifindex = (int)if_nametoindex(name);
  if (where.sll_ifindex == 0) return "no such interface";
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return strerror(errno);
  setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  /* frames are addressed to the gateway's MAC, which no interface has */
  struct packet_mreq promiscuous = {.mr_ifindex = where.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
  setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous);
  /* beyond the system's limit where that is allowed, else up to it */
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  if (bind(fd, (struct sockaddr *)&where, sizeof where) != 0 || watch(fd, (uint32_t)port_count) != 0) {
    close(fd);
    return strerror(errno);
  }
  /* far apart: neighbouring states would walk into each other's numbers */
  uint64_t spread = seed * 2 * MAX_PORTS + 2 * (uint64_t)port_count;
  ports[port_count].up_chance = next_random(&spread);
  ports[port_count].down_chance = next_random(&spread);
  ports[port_count].fd = fd;
  snprintf(ports[port_count].name, IFNAMSIZ, "%s", name);
  port_count++;
  return NULL;
}

static const char *set_port(const char *line) {
  char name[IFNAMSIZ];
  unsigned mac[ETH_ALEN], loss, mtu;
  unsigned long long delay, jitter, rate;
  if (sscanf(line, "port %15s %x:%x:%x:%x:%x:%x %llu %llu %u %llu %u", name, &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
             &mac[5], &delay, &jitter, &loss, &rate, &mtu) != 12) {
    return "usage: port NAME MAC DELAY_US JITTER_US LOSS_PPM RATE_KBIT MTU";
  }
  int at = port_named(name);
  if (at < 0) {
    const char *problem = attach(name);
    if (problem != NULL) return problem;
    at = port_count - 1;
  }
  struct port *port = &ports[at];
  for (int i = 0; i < ETH_ALEN; i++) port->mac[i] = (uint8_t)mac[i];
  port->delay_ns = delay * 1000;
  port->jitter_ns = jitter * 1000;
  port->loss_ppm = loss;
  port->rate_kbit = rate;
  port->mtu = mtu;
  return NULL;
}

static const char *add_route(const char *line) {
  char text[INET6_ADDRSTRLEN], name[IFNAMSIZ];
  struct route route = {0};
  if (sscanf(line, "route %45[0-9a-fA-F.:]/%d %15s", text, &route.bits, name) != 3) return "usage: route ADDRESS/BITS NAME";
  route.family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
  if (inet_pton(route.family, text, route.address) != 1) return "not an address";
  if (route.bits < 0 || route.bits > (route.family == AF_INET ? 32 : 128)) return "not a prefix length";
  if ((route.port = port_named(name)) < 0) return "no such port";
  if (route_count >= MAX_ROUTES) return "too many routes";
  routes[route_count++] = route;
  return NULL;
}

static int print_stats(char *reply, size_t room) {
  size_t used = 0;
  for (int i = 0; i < port_count && used < room; i++) {
    const struct port *p = &ports[i];
    int wrote = snprintf(reply + used, room - used,
                         "%s in=%llu out=%llu lost=%llu overflowed=%llu oversized=%llu spoofed=%llu unrouted=%llu\n", p->name,
                         (unsigned long long)p->in, (unsigned long long)p->out, (unsigned long long)p->lost,
                         (unsigned long long)p->overflowed, (unsigned long long)p->oversized,
                         (unsigned long long)p->spoofed, (unsigned long long)p->unrouted);
    if (wrote < 0) break;
    used += (size_t)wrote;
  }
  return (int)(used < room ? used : room - 1);
}

static const char *obey(const char *line) {
  if (strncmp(line, "port ", 5) == 0) return set_port(line);
  if (strncmp(line, "route ", 6) == 0) return add_route(line);
  return "unknown line";
}

/* one connection, one line, one answer */
static void serve_control(int listener) {
  static char line[LINE_BYTES], reply[REPLY_BYTES];
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  /* a client that says nothing must not stop the network */
  struct timeval patience = {.tv_usec = 100000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ssize_t got = recv(fd, line, sizeof line - 1, 0);
  if (got > 0) {
    line[got] = '\0';
    line[strcspn(line, "\n")] = '\0';
    int length;
    if (strcmp(line, "stats") == 0) {
      length = print_stats(reply, sizeof reply);
    } else {
      const char *problem = obey(line);
      length = snprintf(reply, sizeof reply, "%s\n", problem == NULL ? "ok" : problem);
    }
    if (send(fd, reply, (size_t)length, MSG_NOSIGNAL) < 0) { /* it left; nothing to tell anybody */ }
  }
  close(fd);
}

static int listen_on(const char *path) {
  struct sockaddr_un where = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof where.sun_path) {
    fprintf(stderr, "wan-switch: socket path too long: %s\n", path);
    return -1;
  }
  strcpy(where.sun_path, path);
  unlink(path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof where) != 0 || listen(fd, 8) != 0) {
    perror("wan-switch: control socket");
    return -1;
  }
  return fd;
}

int main(int argc, char **argv) {
  char line[LINE_BYTES];
  if (argc != 3) {
    fprintf(stderr, "usage: wan-switch CONTROL_SOCKET SEED < lines\n");
    return 2;
  }
  seed = strtoull(argv[2], NULL, 10);
  poller = epoll_create1(EPOLL_CLOEXEC);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  /* the default is 50 us of slack on every wake-up */
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char *problem = line[0] == '\n' ? NULL : obey(line);
    if (problem != NULL) {
      fprintf(stderr, "wan-switch: %s: %s", problem, line);
      return 1;
    }
  }
  int control = listen_on(argv[1]);
  if (control < 0 || watch(control, EVENT_CONTROL) != 0 || watch(timer, EVENT_TIMER) != 0) return 1;
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[16];
    int count = epoll_wait(poller, events, 16, -1);
    for (int i = 0; i < count; i++) {
      uint32_t tag = events[i].data.u32;
      uint64_t expirations;
      if (tag < MAX_PORTS) take_frames((int)tag);
      else if (tag == EVENT_CONTROL) serve_control(control);
      else if (read(timer, &expirations, sizeof expirations) < 0) continue;
    }
    release_frames();
  }
}
