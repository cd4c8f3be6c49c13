"""How much data groups ask for."""

LEAST_CARS = 50
# So many cars a cluster at the least, on average: fewer are anecdotes.
CARS_A_CLUSTER = 10
FEWEST_K, MOST_K = 2, 10
