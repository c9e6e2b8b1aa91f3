#!/usr/bin/env python3
"""Restores the newest snapshot of a source from a repository in a folder: a second reader of the format.

    python3 read_snapshot.py STORE KIT SOURCE TARGET

Written from docs/repository-format.md alone, whose sections the comments name, to prove that the page is enough. It needs
Python 3.11, the package `cryptography` (48 or later, with ML-KEM) and the program `zstd`. It knows regular files,
folders and symbolic links, not owners, modes and times: it is a proof of the page, not a tool for the day of need.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_CHUNK = 16 << 20


class Bad(Exception):
    """Something is not what the format says."""


class Other(Bad):
    """An envelope is for other identities."""


def need(condition, why):
    if not condition:
        raise Bad(why)


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf(key, salt, info, size):
    return HKDF(hashes.SHA256(), size, salt, info).derive(key)


def expand(key, info, size, algorithm=hashes.SHA256):
    return HKDFExpand(algorithm(), size, info).derive(key)


# 2. Notation


class Bytes:
    """Reads the primitives from a run of bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def raw(self, size):
        need(0 <= size <= len(self.data) - self.at, "cut short")
        self.at += size
        return self.data[self.at - size : self.at]

    def u8(self):
        return self.raw(1)[0]

    def varint(self, limit=2**64 - 1):
        value, shift = 0, 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                need(byte or not shift, "a number is not in its shortest form")
                need(value <= limit, "a number is out of range")
                return value
            shift += 7

    def signed(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def bytes(self):
        return self.raw(self.varint())

    def text(self):
        return self.bytes().decode("utf-8", "strict")

    def end(self):
        need(not self.more(), "bytes left over")


def parse_json(text, keys, optional=""):
    def once(pairs):
        need(len({key for key, _ in pairs}) == len(pairs), "a key is repeated")
        return dict(pairs)

    value = json.loads(text, object_pairs_hook=once)
    need(set(value) - set(optional.split()) == set(keys.split()), f"keys are {sorted(value)}")
    return value


# 4. Keys


def bech32(text, prefix, size):
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    need(text.startswith(prefix + "1") and text in (text.lower(), text.upper()), f"no {prefix}1…")
    low = prefix.lower()
    digits = [alphabet.index(c) for c in text[len(prefix) + 1 :].lower()]
    check = 1
    for value in [ord(c) >> 5 for c in low] + [0] + [ord(c) & 31 for c in low] + digits:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= g if top >> i & 1 else 0
    need(check == 1, "mistyped key")
    number = 0
    for digit in digits[:-6]:
        number = number << 5 | digit
    spare = len(digits[:-6]) * 5 - size * 8
    need(0 <= spare < 5 and not number & (1 << spare) - 1, "a key of a wrong size")
    return (number >> spare).to_bytes(size, "big")


def key_id(public_key):
    return sha256(public_key).hex()[:16]


def read_kit(path):
    """The admin key's public half, and the seeds of the identities."""
    lines = [line.strip() for line in Path(path).read_text().splitlines()]
    need(lines[0] == "# Lifeboat recovery kit, format 1", "no recovery kit")
    admin = [line[2:] for line in lines if line.startswith(("# LIFEBOAT-ADMIN-1", "# lifeboat-verify-1"))]
    need(len(admin) == 1, "no admin key")
    seeds = [bech32(line, "AGE-SECRET-KEY-PQ-", 32) for line in lines if line and line[0] != "#"]
    if admin[0].startswith("lifeboat-verify-1"):
        return bech32(admin[0], "lifeboat-verify-", 32), seeds
    secret = Ed25519PrivateKey.from_private_bytes(bech32(admin[0], "LIFEBOAT-ADMIN-", 32))
    return secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), seeds


class Domain:
    def __init__(self, key):
        need(len(key) == 32, "a domain key of a wrong size")
        derived = lambda use, size=32: expand(key, b"lifeboat domain v1 " + use, size)
        self.id = derived(b"id", 16).hex()
        self.summary = derived(b"summary")
        self.chunk_id = derived(b"chunk-id")


# 5. Building blocks


def open_sealed(input_key, context, sealed):
    need(len(sealed) >= 72 and (len(sealed) - 56) % 16400 >= 16, "a sealed message is cut short")
    salt, commitment, body = sealed[:24], sealed[24:56], sealed[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = expand(input_key, info, 76, hashes.SHA512)
    need(hmac.compare_digest(derived[44:], commitment), "sealed under another key or for another place")
    plain = b""
    for number in range(len(body) // 16400 + 1):
        nonce = int.from_bytes(derived[32:44], "big") ^ number
        segment = body[number * 16400 : (number + 1) * 16400]
        plain += AESGCM(derived[:32]).decrypt(nonce.to_bytes(12, "big"), segment, None)
    return plain


def xwing(seed, encapsulation):
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    share = encapsulation[1088:]
    return hashlib.sha3_256(
        lattice.decapsulate(encapsulation[:1088])
        + curve.exchange(X25519PublicKey.from_public_bytes(share))
        + share
        + curve.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        + bytes.fromhex("5c2e2f2f5e5c")
    ).digest()


def hpke_open(shared, info, wrapped):
    suite = b"HPKE" + bytes.fromhex("647a00010003")
    extract = lambda salt, label, key: hmac.digest(salt, b"HPKE-v1" + suite + label + key, "sha256")
    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    labeled = lambda label, size: expand(
        secret, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, size)
    return ChaCha20Poly1305(labeled(b"key", 32)).decrypt(labeled(b"base_nonce", 12), wrapped, None)


def open_envelope(seeds, file):
    unpadded = lambda text: base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    header = re.match(rb"(age-encryption\.org/v1\n(?:-> [!-~ ]+\n(?:[^\n]{64}\n)*[^\n]{0,63}\n)+---) ([^\n]+)\n", file)
    need(header, "no age file")
    stanzas = re.findall(rb"-> mlkem768x25519 (\S+)\n(\S+)\n", header[1])
    for seed, (encapsulation, wrapped) in ((s, stanza) for s in seeds for stanza in stanzas):
        try:
            shared = xwing(seed, unpadded(encapsulation))
            file_key = hpke_open(shared, b"age-encryption.org/mlkem768x25519", unpadded(wrapped))
        except Exception:
            continue  # for somebody else
        mac = hmac.digest(hkdf(file_key, None, b"header", 32), header[1], "sha256")
        need(hmac.compare_digest(mac, unpadded(header[2])), "the header of an age file was changed")
        payload = file[header.end() :]
        need(len(payload) <= 16 + 65552, "an envelope is longer than any key")
        cipher = ChaCha20Poly1305(hkdf(file_key, payload[:16], b"payload", 32))
        return cipher.decrypt(bytes(11) + b"\1", payload[16:], None)
    raise Other("an envelope is for other identities")


def fingerprint(seed):
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).public_key().public_bytes_raw()
    curve = X25519PrivateKey.from_private_bytes(expanded[64:]).public_key().public_bytes_raw()
    return key_id(lattice + curve)


def open_key(seeds, file, store, owner, part):
    """The key in an envelope, or in the one that was added for us."""
    try:
        return open_envelope(seeds, file)
    except Other:
        for seed in seeds:
            added = store / "k" / owner / f"{fingerprint(seed)}.{part}"
            if added.exists():
                return open_envelope([seed], added.read_bytes())
        raise


def signed_text(data, purpose, keys):
    """The payload and the id of the key, one of `keys` by id."""
    match = re.fullmatch(rb"([^\n]+)\ned25519 ([0-9a-f]{16}) ([0-9a-f]{128})\n", data)
    need(match and match[2].decode() in keys, "not signed by a key that counts")
    key = Ed25519PublicKey.from_public_bytes(keys[match[2].decode()])
    key.verify(bytes.fromhex(match[3].decode()), b"lifeboat " + purpose + b" v1\n" + match[1])
    return match[1].decode("utf-8", "strict"), match[2].decode()


# 6 and 7. Format and log

MAX_ENTRY = (16 << 20) + 1024
ROLES = ["write", "maintain"]

# Who may add an entry beside the admin key, what its body has, and what older ones lack.
BODIES = {
    "genesis": ("", "repository formatSha256", ""),
    "writer": ("", "key name", "roles"),
    "writer-removed": ("", "writer", ""),
    "recipients": ("", "recovery maintenance", ""),
    "domain": ("write", "domain key summaryKey", ""),
    "snapshot": ("write", "snapshot domain session summary packs root references", ""),
    "hold": ("maintain", "snapshot because", ""),
    "release": ("maintain", "snapshot", ""),
    "forget": ("maintain", "snapshots", ""),
    "condemn": ("maintain", "packs", ""),
    "sweep": ("maintain", "condemned packs", ""),
    "relocate": ("maintain", "to moves", ""),
    "evidence": ("write", "drill domain summary sha256", ""),
    "repaired": ("", "next writers", "roles"),
    "voided": ("", "entry sha256", ""),
}


def read_log(store, admin):
    """The bodies of the entries that count, in order."""
    keys, roles, mended, bodies, before = {key_id(admin): admin}, {}, {}, [], None
    names = [path.name for path in (store / "log").iterdir() if re.fullmatch("[0-9a-f]{16}", path.name)]
    for n in range(max(int(name, 16) for name in names) + 1):
        path = store / "log" / f"{n:016x}"
        if not path.exists() or path.stat().st_size > MAX_ENTRY:
            print(f"{path}: missing, or too long", file=sys.stderr)
            before = None
            continue
        data, body = path.read_bytes(), {}
        try:
            payload, signer = signed_text(data, b"log", keys)
            entry = parse_json(payload, "n previous at writer body")
            role, needed, optional = BODIES[entry["body"]["type"]]
            need((entry["n"], entry["writer"]) == (n, signer), "it says that it is another entry")
            need(set(entry["body"]) - set(optional.split()) == {"type", *needed.split()}, "unknown keys")
            if signer != key_id(admin):
                need(role, "only admin may")
                need(role in roles.get(signer, mended.get(signer, [])), "the key has not this role, or was removed")
            if before and before[1].get("next"):
                need(sha256(data).hex() == before[1]["next"], "it is not the one that was there")
            elif entry["previous"] != (before[0] if before else "0" * 64):
                need(n and not (before and before[1]), "it does not follow the one before it")
                print(f"{path}: what was before it was lost or damaged", file=sys.stderr)
            body = entry["body"]
        except Exception as e:
            print(f"{path} does not count: {e!r}", file=sys.stderr)
        if body:
            bodies.append(body)
        if body.get("type") == "writer":
            public = bech32(body["key"], "lifeboat-verify-", 32)
            keys[key_id(public)] = public
            roles[key_id(public)] = body.get("roles", ROLES)
        if body.get("type") == "writer-removed":
            roles[body["writer"]] = []
        for text in body.get("writers", []):
            public = bech32(text, "lifeboat-verify-", 32)
            keys.setdefault(key_id(public), public)
            mended.setdefault(key_id(public), body.get("roles", ROLES))
        before = sha256(data).hex(), body
    return bodies


# 8 to 10. Packs and chunks


class Pack:
    def __init__(self, path, seeds, cache):
        self.data = path.read_bytes()
        need(sha256(self.data).hex() == path.name, f"{path}: its bytes do not match its name")
        need(self.data[:8] == b"LBPACK01" and self.data[-8:] == b"LBPACKED", "no pack")
        footer_size, slots_size = (int.from_bytes(self.data[-i : 4 - i], "big") for i in (16, 12))
        slots_at = len(self.data) - 16 - slots_size
        footer_at = slots_at - footer_size
        need(footer_at >= 24, "a trailer is broken")
        slots = Bytes(self.data[slots_at:-16])
        self.keys = []
        for _ in range(slots.varint(1000)):
            salt, session = slots.raw(32), slots.raw(16).hex()
            pair = []
            for info, part in ((b"lifeboat pack data v1", "d"), (b"lifeboat pack footer v1", "f")):
                envelope = slots.bytes()
                if envelope not in cache:
                    cache[envelope] = open_key(seeds, envelope, path.parents[3], session, part)
                pair.append(hkdf(cache[envelope], salt, info, 32))
            self.keys.append(pair)
        slots.end()
        footer = Bytes(open_sealed(self.keys[0][1], b"lifeboat pack footer v1", self.data[footer_at:slots_at]))
        self.entries, at = [], 24
        for _ in range(footer.varint(len(footer.data) // 37)):
            chunk, slot = footer.raw(32), footer.varint(len(self.keys) - 1)
            kind, codec, sealed, plain = footer.u8(), footer.u8(), footer.varint(footer_at - at), footer.varint(MAX_CHUNK)
            need(kind in (1, 2, 3, 4) and codec in (0, 1), "an unknown type or codec")
            self.entries.append((chunk, slot, kind, codec, at, sealed, plain))
            at += sealed
        need(not any(footer.data[footer.at :]), "padding is not zero")

    def chunk(self, ordinal, domain):
        chunk, slot, kind, codec, at, sealed, plain = self.entries[ordinal]
        context = b"lifeboat chunk v1" + bytes((kind, codec)) + chunk
        key = self.keys[slot][1 if kind == 4 else 0]
        data = open_sealed(key, context, self.data[at : at + sealed])
        if codec == 1:
            data = subprocess.run(["zstd", "-dqc"], input=data, capture_output=True, check=True).stdout
        need(len(data) == plain, "a chunk of another length")
        need(hmac.compare_digest(hmac.digest(domain.chunk_id, data, "sha256"), chunk), "a chunk is not what its id says")
        return data


class Chunks:
    """The chunks of a snapshot, by id."""

    def __init__(self, domain):
        self.domain, self.places, self.last = domain, {}, (b"", b"")

    def add(self, pack, ordinals):
        for ordinal in ordinals:
            self.places.setdefault(pack.entries[ordinal][0], (pack, ordinal))

    def get(self, chunk):
        if self.last[0] != chunk:
            pack, ordinal = self.places[chunk]
            self.last = chunk, pack.chunk(ordinal, self.domain)
        return self.last[1]


# 11 and 12. Trees and reference lists


def extent(data):
    if data.u8() == 0:
        return None, 0, data.varint()
    return data.raw(32), data.varint(MAX_CHUNK), data.varint(MAX_CHUNK)


def content(data, indirect=True):
    """The form, the size, and the extents (of the list, if the form is 1)."""
    form = data.u8()
    need(form == 0 or form == 1 and indirect, "an unknown form of content")
    size = data.varint()
    if form == 1:
        return 1, size, content(data, False)
    extents = [extent(data) for _ in range(data.varint())]
    need(sum(e[2] for e in extents) == size and all(e[2] for e in extents), "extents of another length")
    return 0, size, extents


def pieces(chunks, stored):
    """Runs of bytes of a content; a hole is its length."""
    form, size, extents = stored
    if form == 1:
        data = Bytes(b"".join(pieces(chunks, extents)))
        extents = []
        while data.more():
            extents.append(extent(data))
        need(sum(e[2] for e in extents) == size, "an extent list of another length")
    for chunk, offset, length in extents:
        if chunk is None:
            yield length
        else:
            data = chunks.get(chunk)[offset : offset + length]
            need(len(data) == length, "an extent beyond its chunk")
            yield data


def node(data):
    kind, name, mode = data.u8(), data.bytes(), data.varint(0o7777)
    need(name not in (b"", b".", b"..") and not {0, 47} & set(name), "no name")
    data.varint(2**32 - 1), data.varint(2**32 - 1), data.text(), data.text(), data.signed(), data.varint(10**9 - 1)
    if kind == 1:
        return kind, name, content(data)
    if kind == 2:
        return kind, name, data.varint(), data.raw(32), content(data)
    if kind == 4:
        return kind, name, data.varint(), None, content(data)
    need(kind == 3, "an unknown kind of node")
    return kind, name, data.bytes()


def restore(chunks, directory, target):
    os.mkdir(target)
    listing, last, files = Bytes(b"".join(pieces(chunks, directory[2]))), b"", 0
    need(listing.u8() == 1, "a listing of another version")
    while listing.more():
        entry = node(listing)
        need(entry[1] > last, "names are not in order")
        last, path = entry[1], os.path.join(target, entry[1])
        if entry[0] == 1:
            files += restore(chunks, entry, path)
        elif entry[0] == 3:
            os.symlink(entry[2], path)
        else:
            digest = hashlib.sha256()
            with open(path, "xb") as out:
                for piece in pieces(chunks, entry[4]):
                    piece = bytes(piece) if isinstance(piece, int) else piece
                    digest.update(piece)
                    out.write(piece)
                need(out.tell() == entry[4][1], f"{path}: another size")
                need(entry[3] in (None, digest.digest()), f"{path}: another sha256")
            files += 1
    return files


def references(data):
    data, packs = Bytes(data), []
    need(data.u8() == 1, "a reference list of another version")
    for _ in range(data.varint(len(data.data) // 35)):
        pack, kind, size, bits = data.raw(32).hex(), chr(data.u8()), data.varint(), data.bytes()
        need(kind in "dm" and bits and bits[-1], "a reference list is broken")
        packs.append((pack, kind, size, [i for i in range(len(bits) * 8) if bits[i // 8] >> i % 8 & 1]))
    data.end()
    return packs


# 17. Recovery


def main(store, kit, source, target):
    store, cache = Path(store), {}
    admin, seeds = read_kit(kit)
    format_object = (store / "format").read_bytes()
    payload, _ = signed_text(format_object, b"format", {key_id(admin): admin})
    form = parse_json(payload, "lifeboat repository createdAt features recovery maintenance admin objects")
    need(form["lifeboat"] == 1 and not form["features"]["read"], "a newer format")
    log = read_log(store, admin)
    genesis = next(body for body in log if body["type"] == "genesis")
    need(genesis["repository"] == form["repository"], "the log of another repository")
    need(genesis["formatSha256"] == sha256(format_object).hex(), "another format")
    domains = {}
    for body in log:
        if body["type"] == "domain" and body["domain"] not in domains:
            envelope = base64.b64decode(body["key"], validate=True)
            domain = Domain(open_key(seeds, envelope, store, "domain-" + body["domain"], "k"))
            need(domain.id == body["domain"], "a domain key of another domain")
            domains[domain.id] = domain
    found = []
    forgotten = {snapshot for body in log if body["type"] == "forget" for snapshot in body["snapshots"]}
    for body in log:
        if body["type"] == "snapshot" and body["snapshot"] not in forgotten:
            context = b"lifeboat summary v1 " + body["snapshot"].encode()
            sealed = base64.b64decode(body["summary"], validate=True)
            summary = parse_json(
                open_sealed(domains[body["domain"]].summary, context, sealed).decode(),
                "id source sourceType plan startedAt finishedAt sizeBytes storedBytes files proof",
                optional="tags")
            if summary["source"] == source:
                found.append((summary["startedAt"], body, summary))
    _, body, summary = max(found, key=lambda f: f[0])
    path = lambda pack, kind: store / "p" / kind / pack[:2] / pack
    domain = domains[body["domain"]]
    last = [Pack(path(pack["id"], "m"), seeds, cache) for pack in body["packs"]]
    own = Chunks(domain)
    for pack in last:
        own.add(pack, range(len(pack.entries)))
    chunks = Chunks(domain)
    for pack, kind, _, ordinals in references(b"".join(own.get(bytes.fromhex(i)) for i in body["references"])):
        chunks.add(Pack(path(pack, kind), seeds, cache), ordinals)
    root = Bytes(own.get(bytes.fromhex(body["root"])))
    need(root.u8() == 1, "a root record of another version")
    root.raw(32)  # the domain key, which the log has given already
    info, facts, tree = json.loads(root.text()), json.loads(root.text()), node(root)
    root.end()
    need(tree[:2] == (1, b"root") and info["id"] == body["snapshot"], "another root")
    files = restore(chunks, tree, os.fsencode(target))
    need(files == summary["files"], f"{files} files instead of {summary['files']}")
    print(f"restored {body['snapshot']} of {summary['startedAt']}: {files} files, facts {sorted(facts)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
