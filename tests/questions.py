#!/usr/bin/python3
"""Whether docs/analysis.md keeps its word: of each of its questions the command
and the Python find the same numbers.

    questions.py DOCUMENT SPIKESWEEP [QUESTION]

in a folder with study.sweep and other.sweep. Every cell of `answer`, a table
whose index names columns of the command's CSV, is compared with the CSV's row
of that index. Prints a line for each question, as tests/lib.sh does, and at
last how many cells agree.
"""
import contextlib
import csv
import io
import math
import re
import shlex
import subprocess
import sys

import pandas

TITLE = re.compile(r"^## (\d+)\. (.*)$", re.M)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks(text, language):
    return [body for name, body in BLOCK.findall(text) if name == language]


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def key_of(value):
    """Epsilons are numbers in one table and texts in the other."""
    return f"{number(value):.9g}" if number(value) is not None else str(value)


def run_command(program, command):
    words = shlex.split(command)
    assert words[0] == "spikesweep", command
    plain = subprocess.run([program] + words[1:], capture_output=True, text=True)
    assert plain.returncode == 0 and plain.stdout.strip(), plain.stderr
    result = subprocess.run([program] + words[1:] + ["--csv"], capture_output=True,
                            text=True)
    assert result.returncode == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def same(found, wanted):
    a, b = number(found), number(wanted)
    if a is not None and b is not None:
        return abs(a - b) <= 1e-9 * max(1, abs(b))
    if isinstance(wanted, float) and math.isnan(wanted):
        return found == ""
    return found == str(wanted)


def compare(rows, answer):
    """The number of cells that agree; a sentence if one does not."""
    heads = list(answer.index.names)
    table = {}
    for row in rows:
        key = tuple(key_of(row[head]) for head in heads)
        assert key not in table, f"{heads} do not name rows: {key} is there twice"
        table[key] = row
    n = 0
    for index, values in answer.iterrows():
        key = tuple(key_of(k) for k in (index if isinstance(index, tuple) else (index,)))
        assert key in table, f"the command has no row {key}"
        for column, wanted in values.items():
            if isinstance(wanted, float) and math.isnan(wanted) and heads != ["id"]:
                continue  # a table of several sorts of rows
            found = table[key][column]
            assert same(found, wanted), f"{key}, {column}: {found}, but {wanted} by xarray"
            n += 1
    return n, len(table) - len(answer)


def ask(program, common, section):
    commands, codes = blocks(section, ""), blocks(section, "python")
    assert len(commands) == 1 and len(codes) == 1, "not one command and one block of Python"
    scope = dict(common, frame=common["frame"].copy())
    with contextlib.redirect_stdout(io.StringIO()):
        exec(codes[0], scope)
    answer = scope["answer"]
    assert isinstance(answer, pandas.DataFrame) and len(answer), "there is no answer"
    n, n_more = compare(run_command(program, commands[0].strip()), answer)
    assert n > 0, "nothing was compared"
    return n, n_more


def main():
    document = open(sys.argv[1]).read()
    parts = TITLE.split(document)
    common = {}
    exec(blocks(parts[0], "python")[0], common)
    sections = list(zip(parts[1::3], parts[2::3], parts[3::3]))
    assert len(sections) == 10, "ten questions"
    if len(sys.argv) > 3:
        sections = [one for one in sections if one[0] == sys.argv[3]]
    n_failed = n_cells = 0
    for i, title, section in sections:
        try:
            n, n_more = ask(sys.argv[2], common, section)
            n_cells += n
            print(f"[  ok  ] {i}. {title} ({n} numbers; {n_more} rows of the command's alone)")
        except Exception as error:
            n_failed += 1
            print(f"[ FAIL ] {i}. {title}: {type(error).__name__} {error}")
    print(f"{len(sections)} questions, {n_cells} numbers")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main())
