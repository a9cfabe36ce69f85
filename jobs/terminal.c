#include "jobs/terminal.h"
#include "core/status.h"
#include "io/bytes.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_in, has_keys;
static volatile sig_atomic_t asked_to_quit, asked_to_pause, was_resized;

static void note(int signal)
{
    if (signal == SIGWINCH)
        was_resized = 1;
    else if (signal == SIGTSTP)
        asked_to_pause = 1;
    else
        asked_to_quit = 1;
}

static void catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
                                  SIGWINCH};
    struct sigaction action = {.sa_handler = note};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

/* A terminal that is gone is not an error: there is nobody to tell. */
static void say(const char *text, size_t n)
{
    while (n > 0) {
        ssize_t n_written = write(STDOUT_FILENO, text, n);
        if (n_written < 0 && errno == EINTR)
            continue;
        if (n_written <= 0)
            return;
        text += n_written;
        n -= (size_t)n_written;
    }
}

static void say_text(const char *text)
{
    say(text, strlen(text));
}

/* Where input is something else, there are no keys but those that make
 * signals. */
static void take_keys(void)
{
    has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
    if (!has_keys)
        return;
    struct termios keys = before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keys.c_cc[VMIN] = 0;
    keys.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

void terminal_enter(void)
{
    static bool is_registered;
    if (!is_registered)
        MUST(atexit(terminal_leave) == 0);
    is_registered = true;
    catch_signals();
    take_keys();
    /* The other screen; no cursor; no lines that go on in the next. */
    say_text("\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J");
    is_in = true;
}

void terminal_leave(void)
{
    if (!is_in)
        return;
    is_in = false;
    say_text("\x1b[?7h\x1b[?25h\x1b[?1049l");
    if (has_keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void terminal_measure(size_t *width, size_t *height)
{
    struct winsize size = {0};
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    *width = known && size.ws_col ? size.ws_col : 80;
    *height = known && size.ws_row ? size.ws_row : 24;
}

/* ctrl-Z: the user's screen is theirs until they come back. */
static void pause_here(void)
{
    asked_to_pause = 0;
    terminal_leave();
    raise(SIGSTOP);
    terminal_enter();
}

static bool quits_by_key(void)
{
    char keys[64];
    ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        has_keys = false; /* the other end is gone */
    for (ssize_t i = 0; i < n; i++)
        if (keys[i] == 'q' || keys[i] == 'Q' || keys[i] == 3)
            return true;
    return false;
}

enum terminal_event terminal_wait(double seconds)
{
    struct pollfd keys = {.fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN};
    int n = asked_to_quit || was_resized ? 0
                                         : poll(&keys, 1, (int)(1e3 * seconds));
    if (asked_to_pause) {
        pause_here();
        return TERMINAL_RESIZED;
    }
    if (asked_to_quit || (n > 0 && quits_by_key()))
        return TERMINAL_QUIT;
    bool resized = was_resized;
    was_resized = 0;
    return resized ? TERMINAL_RESIZED : TERMINAL_TIME;
}

/* Each line wipes what stood behind it, the last what stood below: nothing is
 * blank in between, so nothing flickers. The last line ends without a newline,
 * lest the screen scrolls. */
void terminal_draw(const char *lines)
{
    struct bytes text = {NULL, 0, 0};
    bytes_append(&text, "\x1b[H", 3);
    for (const char *at = lines; *at;) {
        size_t n = strcspn(at, "\n");
        bytes_append(&text, at, n);
        bytes_append(&text, "\x1b[K", 3);
        at += n + (at[n] == '\n');
        if (*at)
            bytes_append(&text, "\r\n", 2);
    }
    bytes_append(&text, "\x1b[J", 3);
    say((const char *)text.at, text.n);
    bytes_free(&text);
}
