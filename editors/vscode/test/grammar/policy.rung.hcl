# SYNTAX TEST "source.rung" "policies and the CEL in them"

policy "bank" {
# <------ keyword.declaration.rung
#      ^^^^^^ entity.name.type.rung
  language = 1
# ^^^^^^^^ variable.other.property.rung
#            ^ constant.numeric.rung
}

# rung:ignore unused  a reason
#^^^^^^^^^^^^ comment.line.rung

signal "device" {
  type = object({ seen = optional(timestamp) })
#        ^^^^^^ support.function.type.rung
#                                 ^^^^^^^^^ support.type.rung
  lazy = true
#        ^^^^ constant.language.rung
}

let {
  fast = "velocity.transfers > 5 && 'a' in subject.groups"
# ^^^^ entity.name.function.let.rung
#         ^^^^^^^^ meta.embedded.cel variable.other.cel
#                 ^ punctuation.accessor.cel
#                  ^^^^^^^^^ variable.other.member.cel
#                            ^ keyword.operator.cel
#                              ^ constant.numeric.cel
#                                   ^^^ string.quoted.single.cel
#                                       ^^ keyword.operator.word.cel
#                                          ^^^^^^^ support.variable.cel
}

action "a.b" {
  level = "mfa" # no CEL here: a == b
#         ^^^^^ string.quoted.double.rung
#               ^ comment.line.number-sign.rung

  deny "x" { when = "resource.tags.exists(t, t == \"é\")" }
#            ^^^^ keyword.control.condition.rung
#                    ^^^^^^^^ variable.language.cel
#                                  ^^^^^^ keyword.control.macro.cel
#                                                 ^^^^^ string.quoted.double.cel
#                                                       ^ punctuation.definition.string.end.rung
#                                                         ^ punctuation.section.block.end.rung

  step_up "broken" {
    when   = "now - device.`first seen` < duration('24h"
#             ^^^ variable.language.cel
#                          ^^^^^^^^^^^ variable.other.member.cel
#                                         ^^^^^^^^ entity.name.function.cel
    reason = "plain ${text}"
#            ^^^^^^^ string.quoted.double.rung
#                   ^^ invalid.illegal.interpolation.rung
    unless = <<-CEL
#            ^^^ punctuation.definition.heredoc.rung
      has(device.id) && // why
#     ^^^ meta.embedded.cel keyword.control.macro.cel
#                       ^^^^^^ comment.line.double-slash.cel
      session.acr != "urn:\"x\""
#                    ^^^^^ string.quoted.double.cel
#                         ^^ constant.character.escape.cel
    CEL
#   ^^^ entity.name.tag.heredoc.rung
    rollout {
#   ^^^^^^^ keyword.declaration.rung
      percent = 12.5
#               ^^^^ constant.numeric.rung
      by      = "subject.id"
#     ^^ keyword.control.condition.rung
#                ^^^^^^^ support.variable.cel
    }
  }
}
