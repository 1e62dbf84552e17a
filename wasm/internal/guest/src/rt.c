// The guest runtime as one unit.

#include "memory.c"
#include "text.c"
#include "num.c"
#include "time.c"
#include "net.c"
#include "map.c"
#include "dyn.c"
#include "strings.c"
#include "lists.c"
#include "encode.c"
#include "format.c"
#include "regex.c"
#include "print.c"

// What decisions run once is as small as it can be: it has no loops that are worth unrolling.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#include "rollout.c"
#include "set.c"
#include "evidence.c"
#include "decide.c"
#include "json_scan.c"
#include "json_value.c"
#include "json_entry.c"
#pragma clang attribute pop

#include "dfa.c"
