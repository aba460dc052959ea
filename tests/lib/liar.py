# SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0
"""A resolver on loopback that asks another one and does not always hand on what it heard."""

import socket
import struct
import threading

A, NS, TXT, CAA = 1, 2, 16, 257


def question(packet):
    """Name, type and end of the first question."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += packet[at] + 1
    return ".".join(labels), struct.unpack(">H", packet[at + 1:at + 3])[0], at + 5


def reply(packet, rcode=0, records=(), flags=0x8180):
    """An answer to packet: records are (type, data)."""
    _, _, end = question(packet)
    out = packet[:2] + struct.pack(">HHHHH", flags | rcode, 1, len(records), 0, 0) + packet[12:end]
    for kind, data in records:
        out += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    return out


def name_data(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"


# How it lies: packet -> answer, None (as the other says), or b"" (silence). udp: by which way it was asked.
def hide_txt(packet, udp):
    return reply(packet, 3) if question(packet)[1] == TXT else None


def invent(packet, udp):
    """Every name that cannot exist, and that of the public address, has the address of an advertiser."""
    name, kind, _ = question(packet)
    if kind == A and (name.endswith(".invalid") or name.startswith("ip.")):
        return reply(packet, 0, [(A, bytes([5, 6, 7, 8]))])
    return None


def other_servers(packet, udp):
    if question(packet)[1] == NS:
        return reply(packet, 0, [(NS, name_data("ns1.registrar.example"))])
    return None


def inner_address(packet, udp):
    name, kind, _ = question(packet)
    return reply(packet, 0, [(A, bytes([192, 168, 7, 9]))]) if kind == A and name.startswith("ip.") else None


def tcp_only(packet, udp):
    return b"" if udp else None


def truncate(packet, udp):
    return reply(packet, flags=0x8380) if udp else None


def garbage(packet, udp):
    return packet[:2] + b"\x81\x80\0\1\0\7\0\0\0\0nonsense"


def servfail(packet, udp):
    return reply(packet, 2)


def refused(packet, udp):
    return reply(packet, 5)


class Liar:
    """with Liar(port of the other, how) as l: l.port, l.asked = [(name, type, udp)]"""

    def __init__(self, upstream, how):
        self.upstream, self.how, self.asked = upstream, how, []
        for _ in range(50):
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind(("127.0.0.1", 0))
            self.port = self.udp.getsockname()[1]
            self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                self.tcp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
        self.tcp.listen(16)
        self.stopped = False
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.serve_udp, self.serve_tcp)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *exc):
        self.stopped = True
        self.udp.close()
        self.tcp.close()

    def answer(self, packet, udp):
        self.asked.append((*question(packet)[:2], udp))
        said = self.how(packet, udp)
        if said is not None:
            return said
        with socket.create_connection(("127.0.0.1", self.upstream), 5) as s:
            s.sendall(struct.pack(">H", len(packet)) + packet)
            f = s.makefile("rb")
            return f.read(struct.unpack(">H", f.read(2))[0])

    def serve_udp(self):
        while not self.stopped:
            try:
                packet, who = self.udp.recvfrom(4096)
                said = self.answer(packet, True)
                if said:
                    self.udp.sendto(said, who)
            except OSError:
                continue

    def serve_tcp(self):
        while not self.stopped:
            try:
                with self.tcp.accept()[0] as s:
                    f = s.makefile("rb")
                    said = self.answer(f.read(struct.unpack(">H", f.read(2))[0]), False)
                    s.sendall(struct.pack(">H", len(said)) + said)
            except (OSError, struct.error):
                continue
