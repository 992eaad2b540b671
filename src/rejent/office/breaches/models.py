"""Rows of the log of breaches and incidents."""

from django.db import models

from rejent.registers.guard.model import GuardedModel


class Breach(GuardedModel):
    """A breach of personal data, an incident, or both; steps that are not taken yet are empty."""

    number = models.CharField(max_length=20, unique=True)
    personal_data = models.BooleanField()
    incident = models.BooleanField()
    found_at = models.DateTimeField()
    facts = models.TextField()
    effects = models.TextField(blank=True, default="")
    remedies = models.TextField(blank=True, default="")
    notified_at = models.DateTimeField(null=True)
    not_notified = models.TextField(blank=True, default="")
    told_at = models.DateTimeField(null=True)
    not_told = models.TextField(blank=True, default="")
    warned_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        app_label = "office"

    def __str__(self) -> str:
        return self.number
