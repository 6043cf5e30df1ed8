"""A local mixture beside other ways to get the same: what is asked, who is asked, what is kept, what is told."""
