"""計画様式.xlsx: a whole plan as one workbook that people fill in, out and in."""
