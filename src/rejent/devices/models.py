"""Rows of devices."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.model import GuardedModel


class Device(GuardedModel):
    """A device that the office lets in, and until when.

    ``fingerprint`` is the SHA-256 of a station's certificate, which a proxy may hand on; of every other device that of its public key
    (SubjectPublicKeyInfo), which stays while its certificates change; empty until its one-time code was used. ``code`` is the public half
    of that code (`rejent.devices.codes`), and ``expires_at`` its end until then.
    """

    place_noted = True

    kind = models.CharField(max_length=8, default="station")
    name = models.CharField(max_length=64)
    place = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=43, blank=True)
    may = models.CharField(max_length=40, default="show")
    code = models.CharField(max_length=64, blank=True, default="")
    fingerprint = models.CharField(max_length=64, blank=True)
    enrolled_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at__isnull=True), name="device_once_by_name"
            ),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~Q(fingerprint=""), name="device_once_by_fingerprint"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CertificateRequest(models.Model):
    """What a device asks the office's authority to sign, and the answer; the gateway writes the one, the keeper the other.

    ``request`` is the SHA-256 of the signing request (PKCS #10); ``proof`` is the signature of that by the one-time code, empty where a
    key that is listed already asks again.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="requests")
    request = models.CharField(max_length=64, unique=True)
    csr = models.BinaryField()
    proof = models.BinaryField(default=b"")
    asked_at = models.DateTimeField()
    certificate = models.TextField(blank=True)
    refused = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.request


class DeviceState(models.Model):
    """What a device last said of itself, and how far its batches have come; the gateway writes it.

    ``chain`` joins every batch up to ``sequence``; ``recent`` are the chain's values before, 32 bytes each, the newest last.
    """

    device = models.OneToOneField(Device, on_delete=models.PROTECT, related_name="state", primary_key=True)
    seen_at = models.DateTimeField()
    clock_offset_s = models.FloatField(null=True)
    version = models.CharField(max_length=40, blank=True)
    software = models.CharField(max_length=64, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    chain = models.CharField(max_length=64, blank=True)
    recent = models.BinaryField(default=b"")
    batch_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.device_id} {self.sequence}"


class ChainFact(GuardedModel):
    """A fact about the batches of a device: some are missing, an old one came again, or there are two copies of its key."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="chain_facts")
    kind = models.CharField(max_length=8)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    signer = Role.RECORDER

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "at"], name="chain_fact_by_device")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.kind} {self.first}-{self.last}"
