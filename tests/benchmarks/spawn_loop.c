/* The floor under every runner of processes on this machine: posix_spawn and wait, with so many in flight, recording
 * nothing. Prints the seconds on the wall, and the seconds of CPU of itself and its children. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds_of(struct rusage use) {
    return use.ru_utime.tv_sec + use.ru_stime.tv_sec + 1e-6 * (use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static double monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static void start(void) {
    char *const argv[] = {"/bin/true", NULL};
    pid_t pid;
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    if (posix_spawn(&pid, argv[0], NULL, &attributes, argv, environ) != 0) {
        perror("posix_spawn");
        exit(1);
    }
    posix_spawnattr_destroy(&attributes);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s COUNT IN_FLIGHT\n", argv[0]);
        return 2;
    }
    int left = atoi(argv[1]), free_places = atoi(argv[2]);
    int running = 0;
    double began = monotonic();
    while (left > 0 || running > 0) {
        while (left > 0 && free_places > 0) {
            start();
            left--, free_places--, running++;
        }
        if (wait(NULL) > 0) {
            running--, free_places++;
        }
    }
    double wall = monotonic() - began;
    struct rusage own, children;
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    printf("%.6f %.6f\n", wall, seconds_of(own) + seconds_of(children));
    return 0;
}
