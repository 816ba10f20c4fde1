"""The sheets of 検証報告書.xlsx, a module each; reports/review_workbook.py puts them in order."""
