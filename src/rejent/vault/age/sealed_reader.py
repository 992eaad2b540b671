"""Opening: random access to a sealed object, and replacement of its head."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from operator import itemgetter

from rejent.vault.age.header import LONGEST_HEADER, Header, parse, render
from rejent.vault.age.payload import (
    CHUNK,
    NONCE_LENGTH,
    SEALED_CHUNK,
    TAG,
    TAIL_STANZA,
    chunk_count,
    content_secret,
    open_chunk,
    open_chunk_into,
    payload_cipher,
    tail_chunk,
)
from rejent.vault.age.random_access import Buffer, MemorySource, RandomAccess
from rejent.vault.age.recipients import Opener, Sealer, unwrap_file_key
from rejent.vault.errors import HeaderError, NoMatchError, PayloadError, TruncatedError


class SealedReader:
    """Reads a sealed object at any offset, opening only the chunks it needs; its end is authenticated at once.

    One of ``identities`` must fit. ``truncated`` accepts an object that was cut short, up to its last whole chunk, and reads
    the newest of the companions ``tails`` that opens as its end. ``keep`` opened chunks are cached.

    Raises HeaderError: the head breaks the format; HeaderForgedError: it was changed; NoMatchError: no identity fits;
    TruncatedError: the object ends too early, and ``truncated`` is not set; PayloadError: its end is damaged.
    """

    def __init__(
        self,
        source: RandomAccess,
        identities: Sequence[Opener],
        *,
        truncated: bool = False,
        tails: Sequence[RandomAccess] = (),
        keep: int = 4,
    ) -> None:
        self._source = source
        self.header_bytes, header = read_header(source)
        file_key = _file_key(header, identities)
        self.content_secret = content_secret(file_key)
        """The secret of the content (`rejent.formats.content_tree`)."""
        self._start = header.length + NONCE_LENGTH
        self._cipher = payload_cipher(file_key, _payload_nonce(source, header))
        self._opened: OrderedDict[int, bytes] = OrderedDict()
        self._keep = max(keep, 1)
        self.complete = True
        """True if the object ends with the chunk that was sealed as its last."""
        self._chunks, last = self._find_end(truncated=truncated)
        if not self.complete:
            last = self._continued(tails, file_key, identities) or last
        self.size = max(self._chunks - 1, 0) * CHUNK + len(last)
        """Bytes of content."""
        self._last = last

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``; less only at the end of the object. Raises PayloadError: a chunk is damaged."""
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("an offset and a length are not negative")
        end = self.size if length is None else min(offset + length, self.size)
        if offset >= end:
            return b""
        first, final = offset // CHUNK, (end - 1) // CHUNK
        chunks = self._chunk_range(first, final)
        chunks[-1] = chunks[-1][: end - final * CHUNK]
        chunks[0] = chunks[0][offset - first * CHUNK :]
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill ``target`` with the content from ``offset``, uncached: for long stretches that are read once. Raises PayloadError."""
        view = memoryview(target)
        end = offset + len(view)
        if offset < 0 or end > self.size:
            raise ValueError("the content ends before the target is full")
        first, past = -(-offset // CHUNK), min(end // CHUNK, self._chunks - 1)
        if past <= first:
            view[:] = self.read(offset, len(view))
            return
        sealed = memoryview(self._sealed(first, past - first))
        if len(sealed) != (past - first) * SEALED_CHUNK:
            raise _cut_short()
        whole = view[first * CHUNK - offset : past * CHUNK - offset]
        for number in range(past - first):
            piece = sealed[number * SEALED_CHUNK : (number + 1) * SEALED_CHUNK]
            open_chunk_into(self._cipher, first + number, piece, whole[number * CHUNK : (number + 1) * CHUNK])
        view[: first * CHUNK - offset] = self.read(offset, first * CHUNK - offset)
        view[past * CHUNK - offset :] = self.read(past * CHUNK, end - past * CHUNK)

    def _chunk_range(self, first: int, final: int) -> list[bytes]:
        """Return the opened chunks from ``first`` to ``final``; what is not cached is fetched in one piece."""
        known = {number: self._opened[number] for number in range(first, final + 1) if number in self._opened}
        if final == self._chunks - 1:
            known[final] = self._last
        missing = [number for number in range(first, final + 1) if number not in known]
        if missing:
            known.update(self._fetched(missing[0], missing[-1]))
        for number in range(max(first, final - self._keep + 1), final + 1):
            self._opened[number] = known[number]
            self._opened.move_to_end(number)
        while len(self._opened) > self._keep:
            self._opened.popitem(last=False)
        return [known[number] for number in range(first, final + 1)]

    def _fetched(self, first: int, final: int) -> dict[int, bytes]:
        sealed = memoryview(self._sealed(first, final - first + 1))
        if len(sealed) != (final - first + 1) * SEALED_CHUNK:
            raise _cut_short()
        return {
            number: open_chunk(
                self._cipher,
                number,
                sealed[(number - first) * SEALED_CHUNK : (number - first + 1) * SEALED_CHUNK],
                last=False,
            )
            for number in range(first, final + 1)
        }

    def _sealed(self, first: int, count: int) -> bytes:
        return self._source.read_at(self._start + first * SEALED_CHUNK, count * SEALED_CHUNK)

    def _find_end(self, *, truncated: bool) -> tuple[int, bytes]:
        count = chunk_count(self._source.size - self._start)
        sealed = self._sealed(count - 1, 1) if count > 0 else b""
        try:
            return count, self._last_chunk(count, sealed)
        except PayloadError:
            if not truncated:
                raise
        self.complete = False
        for number in range(count - 1, -1, -1):
            try:
                return number + 1, open_chunk(self._cipher, number, self._sealed(number, 1), last=False)
            except PayloadError:
                continue
        return 0, b""

    def _last_chunk(self, count: int, sealed: bytes) -> bytes:
        if len(sealed) < TAG or (len(sealed) == TAG and count > 1):
            raise _cut_short()
        try:
            return open_chunk(self._cipher, count - 1, sealed, last=True)
        except PayloadError:
            if len(sealed) < SEALED_CHUNK or not self._is_inner(count - 1, sealed):
                raise
        raise _cut_short()

    def _is_inner(self, number: int, sealed: bytes) -> bool:
        try:
            open_chunk(self._cipher, number, sealed, last=False)
        except PayloadError:
            return False
        return True

    def _continued(
        self, tails: Sequence[RandomAccess], file_key: bytes, identities: Sequence[Opener]
    ) -> bytes:
        """Return the content of the companion of a truncated object, if whole. Raises HeaderError: it belongs to another object."""
        for tail, header in companions(tails):
            if tail_chunk(header) != self._chunks:
                continue
            if _file_key(header, identities) != file_key:
                raise HeaderError(
                    "The companion belongs to another object.",
                    advice="Leave it out; report the finding to whoever runs the system.",
                )
            with suppress(PayloadError, HeaderError):
                content = SealedReader(tail, identities).read()
                self._chunks += 1
                return content
        return b""


def unseal(sealed: Buffer, identities: Sequence[Opener]) -> bytes:
    """Return the content of a sealed object that fits in memory; errors as `SealedReader`."""
    return SealedReader(MemorySource(sealed), identities).read()


class HeadOpener:
    """Opens small contents several of which have one head, as `SharedHead` makes them.

    The file key of the last head is kept, in memory alone.
    """

    def __init__(self, identities: Sequence[Opener]) -> None:
        self._identities = identities
        self._head = b""
        self._file_key = b""

    def unseal(self, sealed: bytes) -> bytes:
        """Return the content of a sealed object that fits in memory; errors as `unseal`."""
        if not self._head or not sealed.startswith(self._head):
            head, header = read_header(MemorySource(sealed))
            self._file_key = _file_key(header, self._identities)
            self._head = head
        start = len(self._head) + NONCE_LENGTH
        body = memoryview(sealed)[start:]
        count = chunk_count(len(body))
        if len(body) < TAG or (count > 1 and len(body) - (count - 1) * SEALED_CHUNK <= TAG):
            raise _cut_short()
        cipher = payload_cipher(self._file_key, sealed[len(self._head) : start])
        return b"".join(
            open_chunk(
                cipher,
                number,
                body[number * SEALED_CHUNK : (number + 1) * SEALED_CHUNK],
                last=number == count - 1,
            )
            for number in range(count)
        )


def rewrap(header_bytes: bytes, identities: Sequence[Opener], recipients: Sequence[Sealer]) -> bytes:
    """Return a header for the same file key and other recipients; the rest of the object stays as it is. Errors as `SealedReader`."""
    if not recipients:
        raise ValueError("an object is sealed to at least one recipient")
    header = parse(header_bytes)
    if header is None or header.length != len(header_bytes):
        raise _ends_in_header()
    file_key = _file_key(header, identities)
    own = [stanza for stanza in header.stanzas if stanza.type == TAIL_STANZA]
    return render([*(recipient.wrap(file_key) for recipient in recipients), *own], file_key)


def read_header(source: RandomAccess) -> tuple[bytes, Header]:
    """Return the bytes of the head, without the payload nonce, and the parsed header; needs no key. Raises HeaderError."""
    length = 1024
    while True:
        head = source.read_at(0, length)
        header = parse(head)
        if header is not None:
            return head[: header.length], header
        if len(head) < length or length > LONGEST_HEADER:
            raise _ends_in_header()
        length *= 4


def companions(tails: Iterable[RandomAccess]) -> list[tuple[RandomAccess, Header]]:
    """Return the companions with that head, newest first (of a later chunk, or with more of it); needs no key."""
    found = []
    for tail in tails:
        with suppress(HeaderError):
            header = read_header(tail)[1]
            found.append((tail_chunk(header), tail.size, tail, header))
    return [(tail, header) for _, _, tail, header in sorted(found, key=itemgetter(0, 1), reverse=True)]


def _file_key(header: Header, identities: Sequence[Opener]) -> bytes:
    file_key = unwrap_file_key(
        [stanza for stanza in header.stanzas if stanza.type != TAIL_STANZA], identities
    )
    if file_key is None:
        raise NoMatchError(
            "None of the keys at hand opens the sealed object.",
            advice="Take the key of the source and the day the object belongs to.",
        )
    header.check(file_key)
    return file_key


def _payload_nonce(source: RandomAccess, header: Header) -> bytes:
    nonce = source.read_at(header.length, NONCE_LENGTH)
    if len(nonce) != NONCE_LENGTH:
        raise _ends_in_header()
    return nonce


def _ends_in_header() -> HeaderError:
    return HeaderError("The sealed object ends within its head.", advice="Restore the object from a copy.")


def _cut_short() -> TruncatedError:
    return TruncatedError(
        "The sealed object was cut short.",
        advice="Recover it to its last whole chunk; what is missing belongs in the register of gaps.",
    )
