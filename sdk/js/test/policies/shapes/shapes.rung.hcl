policy "shapes" { language = 1 }

# Names that stand for something else in the code that is written for requests, or in its paths.
signal "signals" {
  type = object({
    session = optional(object({ level = optional(int), deep = optional(object({ a = optional(string) })) }))
    when    = optional(timestamp)
  })
}
signal "params" { type = object({ p = optional(object({ a = optional(string) })) }) }
signal "v" { type = object({ x = optional(bool), n = optional(list(string)), f = optional(ip) }) }
signal "late" {
  type = object({ a = optional(object({ b = optional(string) })) })
  lazy = true
}
signal "tags" { type = list(string) }

param "p" {
  type    = string
  default = "x"
}
param "names" {
  type    = list(string)
  default = ["x"]
}
param "who" {
  type    = object({ name = string, more = optional(object({ list = list(object({ x = string })) })) })
  default = { name = "x" }
}
param "list" {
  type    = list(object({ x = optional(string) }))
  default = [{ x = "x" }]
}
posture "elevated" { rank = 1 }

# Resources that are alike, and another one.
action "one" {
  level    = "aal1"
  resource = object({ amount = double, who = object({ name = string, x-y = optional(string), at = object({ city = string }) }) })
  step_up "a" {
    when  = "resource.amount > 10.0 || param.list.exists(e, has(e.x) && e.x == 'y') || resource.who.at.city == 'X' || has(resource.who.`x-y`)"
    level = "aal2"
  }
}
action "two" {
  level    = "none"
  resource = object({ amount = double, who = object({ name = string, x-y = optional(string), at = object({ city = string }) }) })
  step_up "a" {
    when  = "resource.amount > 20.0 || resource.who.name == param.p || param.who.name == 'é' || 'x' in tags || resource.who.name in param.names"
    level = "aal2"
  }
}
action "three" {
  level    = "none"
  resource = object({ who = optional(object({ n = optional(string) })), list = optional(list(object({ t = optional(string) }))), class = optional(object({ new = optional(int) })) })
  step_up "session" {
    when  = "has(signals.session)"
    level = "aal2"
  }
  step_up "deep" {
    when  = "has(signals.session.deep)"
    level = "aal2"
  }
  step_up "who" {
    when  = "has(resource.who) || has(resource.list)"
    level = "aal2"
  }
  step_up "class" {
    when  = "resource.class.new > 3"
    level = "aal2"
  }
  step_up "params" {
    when  = "has(params.p) && param.p == 'x'"
    level = "aal2"
  }
  step_up "late" {
    when  = "has(late.a)"
    level = "aal2"
  }
  deny "v" { when = "v.x && 'x' in v.n && v.f == ip('192.0.2.7')" }
}
