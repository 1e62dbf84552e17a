package main

import "testing"

func TestAgainst(t *testing.T) {
	t.Parallel()
	was := &watched{Struct: 1.2, Prepared: 0.9, Few: 0.5, JSON: 0.5, Growth: 1.2, Load: 2, Allocs: -3}
	for name, c := range map[string]struct {
		is    watched
		fails int
	}{
		"the same":                   {*was, 0},
		"better":                     {watched{Allocs: -10}, 0},
		"worse by less than a third": {watched{Struct: 1.59, Prepared: 1.19, Few: 0.66, JSON: 0.66, Growth: 1.59, Load: 2.6, Allocs: -2.5}, 0},
		"one is worse":               {watched{Struct: 1.61, Prepared: 0.9, Few: 0.5, JSON: 0.5, Growth: 1.2, Load: 2, Allocs: -3}, 1},
		"two allocations more":       {watched{Struct: 1.2, Prepared: 0.9, Few: 0.5, JSON: 0.5, Growth: 1.2, Load: 2, Allocs: -1}, 1},
		"all are worse":              {watched{9, 9, 9, 9, 9, 9, 9}, 7},
	} {
		fails := 0
		for _, r := range c.is.against(was) {
			if r.fails {
				fails++
			}
		}
		if fails != c.fails {
			t.Errorf("%s: %d fail, want %d", name, fails, c.fails)
		}
	}
}
