# Spack package of spikesweep. Put it into a repository of your own:
#
#     spack repo create my-repo
#     mkdir -p my-repo/packages/spikesweep && cp package.py my-repo/packages/spikesweep/
#     spack repo add my-repo
#     spack dev-build spikesweep@main       in the folder of the sources
from spack.package import *


class Spikesweep(MakefilePackage):
    """Sweeps hyper-parameters and adversarial robustness of spiking neural
    networks on CPUs, alone or under MPI; one HDF5 file of results."""

    license("MIT")

    version("main")

    variant("pictures", default=True, description="gnuplot, for reports and pictures")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("mpi")
    depends_on("hdf5@1.10.5:1.14 ~mpi +hl")
    depends_on("blis@0.9 threads=none")
    depends_on("libconfig")
    depends_on("xxhash", type=("build", "link"))
    depends_on("random123", type="build")
    depends_on("zlib-api")
    depends_on("gnuplot +cairo", type="run", when="+pictures")

    # gcc's OpenMP and vectors are what core/ is written for.
    requires("%gcc@10:", msg="a gcc of 10 or later is needed")

    def arguments(self):
        """What make is told of: each library by its place."""
        spec = self.spec
        places = {
            "HDF5": "hdf5",
            "BLIS": "blis",
            "LIBCONFIG": "libconfig",
            "XXHASH": "xxhash",
            "RANDOM123": "random123",
            "ZLIB": "zlib-api",
        }
        given = [f"{name}_PREFIX={spec[library].prefix}" for name, library in places.items()]
        return given + [f"MPICC={spec['mpi'].mpicc}", f"CC={spack_cc}"]

    def build(self, spec, prefix):
        make("all", *self.arguments())

    def install(self, spec, prefix):
        make("install", f"PREFIX={prefix}", *self.arguments())
