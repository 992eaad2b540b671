/* The civil clock of a process, off by the nanoseconds that stand in the file named by STEPPED_CLOCK; no other clock changes. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset;

__attribute__((constructor)) static void look(void) {
    const char *path = getenv("STEPPED_CLOCK");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) offset = page;
    close(file);
}

int clock_gettime(clockid_t which, struct timespec *told) {
    long status = syscall(SYS_clock_gettime, which, told);
    if (status == 0 && which == CLOCK_REALTIME && offset != NULL) {
        int64_t whole = told->tv_sec * INT64_C(1000000000) + told->tv_nsec + *offset;
        told->tv_sec = whole / 1000000000;
        told->tv_nsec = whole % 1000000000;
    }
    return (int)status;
}
