"""What was picked, and what it weighed in grams."""

HARVEST = {
    "apples": 1_250_000,
    "pears": 640_000,
    "quinces": 87_500,
}
