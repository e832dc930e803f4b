"""Rating distributions and consistency check packs for the Senior Civil Service."""
