"""The sheets of 検証報告書.xlsx, one module each; reports/review_workbook.py orders them."""
