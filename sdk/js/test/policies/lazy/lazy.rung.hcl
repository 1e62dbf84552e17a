policy "lazy" { language = 1 }

signal "reputation" {
  type = double
  lazy = true
}
signal "fraud" {
  type = object({ score = double })
  lazy = true
}
signal "history" {
  type = list(string)
  lazy = true
}
signal "secret" {
  type      = object({ pin = string, notes = map(string) })
  sensitive = true
}
param "limit" {
  type     = double
  default  = 100.0
  stricter = "lower"
}
posture "elevated" { rank = 1 }

action "pay" {
  level    = "aal1"
  resource = object({
    amount = double
    count  = optional(int)
    more   = optional(any)
    tags   = optional(map(string))
  })

  deny "listed" { when = "reputation < 0.2 || fraud.score > 0.9" }
  deny "history" { when = "resource.amount > 1000.0 && 'chargeback' in history" }
  step_up "large" {
    when  = "resource.amount > param.limit || (has(secret.pin) && secret.pin == '0000')"
    level = "aal2"
  }
  step_up "tagged" {
    when  = "resource.?tags['risk'].orValue('') == 'high' || resource.?count.orValue(0) > 10"
    level = "aal3"
  }
  step_up "elevated" {
    posture = "elevated"
    level   = "aal2"
  }
}
action "look" { level = "none" }
