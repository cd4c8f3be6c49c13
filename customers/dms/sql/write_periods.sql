-- Before the visits: those that get another day ask who owned the car on it.
INSERT INTO customers_ownership (id, vehicle_id, customer_id, since_on, until_on)
SELECT id, vehicle_id, customer_id, since_on, until_on FROM new_period;
