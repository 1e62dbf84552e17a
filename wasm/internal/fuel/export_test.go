package fuel

// Price is for tests that count.
var Price = price
