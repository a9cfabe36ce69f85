#include "sweep/stop.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t asked;

static void note(int number)
{
    if (!asked)
        asked = number;
}

void stop_watch(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1,
                                  SIGUSR2};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note; /* no SA_RESTART: sleeping ends at once */
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int stop_asked(void)
{
    return asked;
}
