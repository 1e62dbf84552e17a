package fuel

// Price is for tests that count.
var Price = price

// InsertDear is Insert with another bound from which on charges are taken by a call.
var InsertDear = insert
