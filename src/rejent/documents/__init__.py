"""Documents that an office signs, keeps and hands out: PDF/A-2a and PDF/UA-1, and tables for spreadsheets."""
