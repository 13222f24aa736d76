"""An orchard's harvest, as a table."""
