"""Files of training data, row by row; every bad row is named by file and line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..config import DataFile
from ..errors import RunError
from .published import PUBLISHED
from .rows import BadRow, MissingField, Problems, Row, TooManyProblems, names_in
from .shapes import shape_row

LONGEST_LINE = 16 * 1024 * 1024  # bytes; a line of this size is no training row
MOST_ROWS = 5_000_000
LARGEST_JSON = 2 * 1024**3  # bytes of one JSON document, read at once

Record = tuple[int, Any]


def read_files(files: list[DataFile], problems: Problems) -> list[Row]:
    """All good rows in file order; bad ones are added to `problems`. Stops after twenty of them."""
    rows: list[Row] = []
    try:
        for file in files:
            for row in read_file(file, problems):
                rows.append(row)
                if len(rows) > MOST_ROWS:
                    raise RunError("data.read", f"More than {MOST_ROWS:,} rows are not supported")
    except TooManyProblems:
        pass
    return rows


def read_file(file: DataFile, problems: Problems) -> Iterator[Row]:
    """The rows of one file. Raises `data.read` when the file itself cannot be read."""
    for line, record in _records(file, problems):
        try:
            kind, fields = shape_row(file.format, _mapped(record, file.columns))
        except BadRow as failure:
            problems.add(file.path, line, str(failure), isinstance(failure, MissingField))
            continue
        row = Row(file.path, line, kind, fields, validation=file.split == "validation")
        row.key = str(record["id"]) if isinstance(record.get("id"), str | int) else ""
        yield row


def _mapped(record: Any, columns: dict[str, str]) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise BadRow("not an object")
    missing = [column for column in columns.values() if column not in record]
    if missing:
        raise BadRow(f"the column {missing[0]!r} is missing; there are {names_in(record)}")
    return {**record, **{field: record[column] for field, column in columns.items()}}


def _records(file: DataFile, problems: Problems) -> Iterator[Record]:
    path = Path(file.path)
    if not path.is_file():
        raise RunError("data.read", f"{file.path} does not exist", {"rows": [], "more": False})
    try:
        if file.format == "parquet" or (file.format in PUBLISHED and path.suffix.lower() in (".parquet", ".pq")):
            yield from _parquet(path)
        elif file.format in ("csv", "tsv"):
            yield from _table(path, "\t" if file.format == "tsv" else ",", file, problems)
        elif path.suffix.lower() == ".json":
            yield from _document(path)
        else:
            yield from _lines(path, file, problems)
    except (OSError, ValueError) as failure:
        raise RunError("data.read", f"{file.path}: {failure}", {"rows": [], "more": False}) from None


def _lines(path: Path, file: DataFile, problems: Problems) -> Iterator[Record]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise ValueError(f"line {number} is longer than {LONGEST_LINE:,} bytes")
            if not line.strip():
                continue
            try:
                record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except (ValueError, RecursionError) as failure:
                problems.add(file.path, number, f"not JSON: {failure}")
                continue
            yield number, record


def _document(path: Path) -> Iterator[Record]:
    if path.stat().st_size > LARGEST_JSON:
        raise ValueError("too large for one JSON document; use one row per line (.jsonl)")
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(rows, list):
        raise ValueError("a list of rows is needed")
    yield from enumerate(rows, 1)


def _table(path: Path, delimiter: str, file: DataFile, problems: Problems) -> Iterator[Record]:
    """Rows of a table with a header; every cell is text. Numbers count rows, the header being 1."""
    import pyarrow
    from pyarrow import csv

    bad: list[tuple[int, str]] = []

    def note(row: Any) -> str:
        bad.append((row.number or 0, f"{row.actual_columns} cells instead of {row.expected_columns}"))
        return "skip"

    parsing = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note)
    with csv.open_csv(path, parse_options=parsing) as header:
        names = header.schema.names
    bad.clear()  # the first block is read twice
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False),
        parse_options=parsing,
        convert_options=csv.ConvertOptions(column_types={name: pyarrow.string() for name in names}),
    )
    for number, message in bad:
        problems.add(file.path, number, message)
    skipped = {number for number, _ in bad}
    numbers = (number for number in range(2, 2 + table.num_rows + len(bad)) if number not in skipped)
    yield from zip(numbers, _batches(table.to_batches()), strict=False)


def _parquet(path: Path) -> Iterator[Record]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        yield from enumerate(_batches(file.iter_batches(batch_size=1000)), 1)


def _batches(batches: Any) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()
