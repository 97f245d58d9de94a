# SPDX-License-Identifier: Apache-2.0
"""The commands that a document prints in indented blocks, with what it shows of their output."""
import dataclasses
import re
import shlex

BLOCK = re.compile(r"(?:^ {4}.*\n(?:\s*\n(?= {4}))*)+", re.MULTILINE)


@dataclasses.dataclass
class Command:
    words: list      # as a shell would split them
    shown: list      # lines of output that stand below it; [] where none are shown
    redirect: str    # the file that standard output goes to, or ""
    source: str = ""  # the file that standard input comes from, or ""

    @property
    def text(self):
        return shlex.join(self.words)

    def part_shown(self, output):
        """The lines of an output that the document shows: all, or where a blank line comes first those after the heading."""
        lines = [line.rstrip() for line in output.rstrip().splitlines()]
        return lines if self.shown[0] else lines[lines.index(""):]


def blocks_of(document):
    """The indented blocks of a Markdown text, without their indent."""
    return [[line[4:] for line in match.group().splitlines()] for match in BLOCK.finditer("\n" + document)]


def commands_of(document):
    """All commands in order: lines that begin with the program's name, or with `$`, whose output follows."""
    commands = []
    for lines in blocks_of(document):
        lines = iter(lines)
        showing = None
        for line in lines:
            prompt = line.startswith("$ ")
            if not prompt and not line.startswith("chronograd "):
                if showing is not None:
                    showing.shown.append(line.rstrip())
                continue
            while line.rstrip().endswith("\\"):
                line = line.rstrip()[:-1] + next(lines)
            words = shlex.split(line.removeprefix("$ "), comments=True)
            files = {"<": "", ">": ""}
            for sign in files:
                if sign in words:
                    place = words.index(sign)
                    files[sign] = words[place + 1]
                    del words[place:place + 2]
            command = Command(words, [], files[">"], files["<"])
            commands.append(command)
            showing = command if prompt else None
    for command in commands:
        while command.shown and not command.shown[-1]:
            command.shown.pop()
    return commands


def with_output(document, command, output):
    """The document with what the command prints now in place of what is shown."""
    def indented(lines):
        return "".join(("    " + line).rstrip() + "\n" for line in lines)

    old, new = indented(command.shown), indented(command.part_shown(output))
    if document.count(old) != 1:
        raise ValueError(f"the output of {command.text} is shown {document.count(old)} times")
    return document.replace(old, new)
