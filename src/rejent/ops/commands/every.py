"""Every command of this folder, and the demo's."""

from rejent.ops.commands import evidence, init, run, supervision
from rejent.ops.demo import command as demo

COMMANDS = (init.register, run.register, demo.register, supervision.register, evidence.register)
