"""Takes notebooks and departments; gives executed notebooks and packs under reports/."""
