"""Prints the cells of workbooks as openpyxl reads them: {file: {sheet: {cell: value}}} as JSON.

Dates are ISO 8601, rounded to seconds; durations are days; errors are {"error": text}."""

import datetime
import json
import os
import sys
import warnings

import openpyxl

warnings.simplefilter("ignore")
folder = sys.argv[1]


def rounded(value):
    return (value + datetime.timedelta(microseconds=500000)).replace(microsecond=0)


def plain(cell):
    value = cell.value
    if cell.data_type == "e":
        return {"error": value}
    if isinstance(value, datetime.datetime):
        value = rounded(value)
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, datetime.time):
        today = datetime.datetime.combine(datetime.date(2000, 1, 1), value)
        return rounded(today).time().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / 86400
    return value


def cells(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {
            cell.coordinate: plain(cell)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


found = {}
for name in sorted(os.listdir(folder)):
    try:
        found[name] = cells(os.path.join(folder, name))
    except Exception as error:
        print(name, "is not read:", type(error).__name__, file=sys.stderr)
json.dump(found, sys.stdout)
