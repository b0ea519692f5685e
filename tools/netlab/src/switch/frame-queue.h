/* Frames in flight: a binary heap by due time, then by arrival. One for the whole program. */
#ifndef FRAME_QUEUE_H
#define FRAME_QUEUE_H

#include <stdint.h>

/* 64 Ki full frames are 1 Gbit/s times 780 ms */
enum { MAX_QUEUE = 65536 };

struct frame {
  uint64_t due, order;
  /* shaped: the rate of the link it leaves by was taken into account */
  int port, length, shaped;
  uint8_t *bytes;
};

static struct frame heap[MAX_QUEUE];
static int heap_size;
static uint64_t next_order;

static int before(const struct frame *a, const struct frame *b) {
  return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void swap_frames(int a, int b) {
  struct frame kept = heap[a];
  heap[a] = heap[b];
  heap[b] = kept;
}

/* the caller has checked that there is room */
static void heap_push(struct frame frame) {
  int at = heap_size++;
  frame.order = next_order++;
  heap[at] = frame;
  while (at > 0 && before(&heap[at], &heap[(at - 1) / 2])) {
    swap_frames(at, (at - 1) / 2);
    at = (at - 1) / 2;
  }
}

static struct frame heap_pop(void) {
  struct frame first = heap[0];
  heap[0] = heap[--heap_size];
  for (int at = 0;;) {
    int least = at;
    for (int child = 2 * at + 1; child <= 2 * at + 2; child++) {
      if (child < heap_size && before(&heap[child], &heap[least])) least = child;
    }
    if (least == at) return first;
    swap_frames(at, least);
    at = least;
  }
}

#endif
