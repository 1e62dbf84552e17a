// The guest runtime as one unit.

#include "memory.c"
#include "text.c"
#include "num.c"
#include "time.c"
#include "net.c"
#include "map.c"
