#!/usr/bin/python3
"""libtorrent-rasterbar as a peer of the benchmarks (README.md): plaintext BitTorrent over TCP, Debian's defaults."""
import json
import os
import sys
import threading

import libtorrent as lt

def main():
    job = json.loads(sys.argv[1])
    told = threading.Event()
    lines = []
    threading.Thread(target=listen, args=(told, lines), daemon=True).start()

    session = start_session(job.get("uploadBytesPerSecond", 0))
    handle = add_torrent(session, job)
    if job["role"] == "seed":
        wait_until(session, lambda: session.listen_port() != 0 and handle.status().is_seeding)
        say("READY", f"127.0.0.1:{session.listen_port()}")
        told.wait()
    else:
        wait_until(session, lambda: session.listen_port() != 0 and not is_checking(handle))
        say("READY", f"127.0.0.1:{session.listen_port()}")
        told.wait()
        others = json.loads(lines[0])
        say("GO", "")
        for address in others["seeders"] + others["leechers"]:
            host, port = address.split(":")
            handle.connect_peer((host, int(port)))
        wait_until(session, lambda: handle.status().is_seeding)
        say("DONE", json.dumps({"bytesReceived": handle.status().total_payload_download}))
    threading.Event().wait()


def start_session(upload_limit):
    settings = {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert_category.status,
    }
    if upload_limit > 0:
        # as many as the other programs give
        settings.update(upload_rate_limit=int(upload_limit), rate_limit_ip_overhead=False, unchoke_slots_limit=20)
    session = lt.session(settings)
    if upload_limit > 0:
        # peers on loopback are `local` to libtorrent, which no limit holds for, until they are put into the global class
        rule = lt.ip_filter()
        rule.add_rule("0.0.0.0", "255.255.255.255", 1 << int(lt.session.global_peer_class_id))
        session.set_peer_class_filter(rule)
    return session


def add_torrent(session, job):
    params = {"ti": lt.torrent_info(job["torrent"]), "save_path": os.path.dirname(job["path"])}
    if job["role"] == "seed":
        params["flags"] = lt.torrent_flags.seed_mode
    handle = session.add_torrent(params)
    handle.unset_flags(lt.torrent_flags.auto_managed)
    handle.resume()
    return handle


def is_checking(handle):
    states = lt.torrent_status
    return handle.status().state in (states.checking_files, states.checking_resume_data)


def wait_until(session, condition):
    """Looks again when libtorrent has news, and now and then: not every change is news."""
    while not condition():
        session.wait_for_alert(20)
        session.pop_alerts()


def say(word, text):
    print(word, text, flush=True)


def listen(told, lines):
    for line in sys.stdin:
        lines.append(line)
        told.set()
    os._exit(0)


if __name__ == "__main__":
    main()
