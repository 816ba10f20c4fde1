"""計画様式.xlsx: a whole plan as one workbook: export, form and import."""
