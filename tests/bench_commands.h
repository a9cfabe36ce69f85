/* What bench_engine can do; each ends the program if the world refuses. */
#ifndef TESTS_BENCH_COMMANDS_H
#define TESTS_BENCH_COMMANDS_H

/* A table of all cases that are measured without a peer: times, nominal speed
 * beside BLIS' best, densities, and the share of each kind of work. */
void bench_table_print(void);

/* Answers requests on standard input, a line each, by a line:
 *
 *     time CASE           CPU and wall seconds of a unit
 *     what CASE           accuracy left by the last attack, accuracy on clean
 *                         data and Omega (0 unless trained as a whole), then
 *                         the densities of the layers' outputs
 *     give CASE FOLDER    writes the net (model.h5), and what is to be computed
 *                         with it: images [n][H][W][C] (float32) and labels
 *                         (bytes) of a batch of test data, and its logits
 *                         [n][K]; answers n, H, W, C, K, mean and deviation of
 *                         each channel
 *     drop CASE           gives its memory back
 *
 * A case is opened, and its net trained, when it is first named. */
void bench_serve(void);

/* Opens the net, with lines "axis.row=value" added to its spec, and takes
 * n_steps steps of training; prints the net's images a batch, CPU seconds of a
 * step (the lower quartile: what disturbs it only makes it longer), the most
 * memory that the process had, and what is of files, in MB. */
void bench_step(const char *net, unsigned long n_steps,
                char *const *settings);

/* Runs a command, and appends to the file a line: seconds of CPU of it and of
 * all that it waited for, and the most memory that one of them had, in MB.
 * Returns its exit status. */
int bench_watch(const char *path, char *const *command);

#endif
