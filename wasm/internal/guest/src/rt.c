// The guest runtime as one unit.

#include "memory.c"
#include "text.c"
#include "num.c"
#include "time.c"
#include "net.c"
#include "map.c"
#include "rollout.c"
#include "set.c"
#include "dfa.c"
#include "evidence.c"
#include "decide.c"
