# Rules that reach many actions. They stand at top level and name them; `*` is any run of characters.

step_up "risky network" {
  actions = ["transfer.*", "payee.*", "limit.*", "profile.update"]
  when    = "risky_network && !('vpn-allowed' in subject.?groups.orValue([]))"
  level   = "mfa"
  reason  = "We do not know this network."
}

step_up "impossible travel" {
  actions = ["transfer.*", "payee.*", "limit.*", "card.*", "profile.update"]
  when    = "impossible_travel"
  level   = "passkey"
  reason  = "You seem to be in two places at once."
}

# At the top of the dial every authentication must be fresh, whatever its level.
step_up "fresh session while critical" {
  actions = ["transfer.*", "payee.*", "limit.*", "card.*", "statement.*", "profile.update"]
  posture = "critical"
  max_age = "10m"
}

deny "frozen customer" {
  actions = ["transfer.*", "payee.*", "limit.*", "card.*"]
  when    = "'frozen' in subject.?roles.orValue([])"
  reason  = "This account is frozen. Please call us."
}
