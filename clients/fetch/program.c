/* program.c - the name of the program. */

#include "fetch/program.h"

struct fetch_program fetch_program = {"httpget", false};
