"""Sealed objects: age v1 files (C2SP specification), without text armor, by our own reader and writer."""

from rejent.vault.age.payload import CHUNK
from rejent.vault.age.random_access import Buffer, MemorySource
from rejent.vault.age.recipients import Identity, Opener, Passphrase, Recipient
from rejent.vault.age.seal_writer import SealWriter, SharedHead, Sink, seal
from rejent.vault.age.sealed_reader import HeadOpener, SealedReader, read_header, rewrap, unseal
