# SYNTAX TEST "source.rung" "tests"

test "a table" {
# <---- keyword.declaration.rung
  signals = { session = { amr = ["pwd"], when = "not a condition" } }
#             ^^^^^^^ variable.other.property.rung
#                         ^^^ variable.other.property.rung
#                                ^^^^^ string.quoted.double.rung
  case "large" {
# ^^^^ keyword.declaration.rung
#      ^^^^^^^ entity.name.type.rung
    expect { effect = "step_up" }
#            ^^^^^^ variable.other.property.rung
#                     ^^^^^^^^^ string.quoted.double.rung
  }
}
