# A small API of notes: reading is for anybody who is signed in, deleting all of them needs a fresh second factor.

policy "notes" { language = 1 }

signal "quota" {
  type = object({ requests_1m = int })
}

action "notes.list" {
  http  = ["GET /notes"]
  level = "aal1"

  deny "too many" {
    when   = "quota.?requests_1m.orValue(0) > 100"
    reason = "Slow down, please."
  }
}

action "notes.purge" {
  http  = ["DELETE /notes"]
  level = "aal1"

  step_up "fresh" {
    level   = "aal2"
    max_age = "5m"
    reason  = "Deleting all notes needs a second factor."
  }

  step_up "unfamiliar country" {
    when  = "network.country != subject.country"
    level = "aal3"
  }
}
