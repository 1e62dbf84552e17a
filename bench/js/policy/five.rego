package five

import rego.v1

ladder := {"urn:pwd": 1, "urn:mfa": 2, "phr": 3}

level := object.get(ladder, input.session.acr, 0)

age := input.now - input.session.auth_time

reasons contains "pay/country" if input.resource.country in {"KP", "IR", "SY"}

unmet contains {"rule": "pay/large", "level": 2, "max_age": 300} if {
	not fresh
	input.resource.amount > 1000
}

unmet contains {"rule": "pay/new device", "level": 3} if {
	level < 3
	input.now - input.device.first_seen < 86400
}

unmet contains {"rule": "pay/velocity", "level": 2} if {
	level < 2
	input.velocity.transfers_1h > 5
}

unmet contains {"rule": "pay/network", "level": 2} if {
	level < 2
	input.network.country != input.subject.country
	not input.device.trusted
}

fresh if {
	level >= 2
	age <= 300
}

default effect := "allow"

effect := "deny" if count(reasons) > 0

effect := "step_up" if {
	count(reasons) == 0
	count(unmet) > 0
}

decision := {
	"effect": effect,
	"level": max({0} | {x.level | some x in unmet}),
	"unmet": unmet,
	"reasons": reasons,
}
