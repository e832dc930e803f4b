"""Takes an HR export; gives a `Cohort` of validated people, or every problem at once."""
