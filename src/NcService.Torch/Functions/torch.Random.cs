using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static long initial_seed() => random.initial_seed();

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    /// <summary>A source of random numbers with a state of its own, which can be read and set.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        private Generator(nint handle, Device device) => (_handle, this.device) = (handle, device);

        public Generator(ulong seed = 0, Device? device = null)
            : this(Bridge.Check(Bridge.nc_generator(seed, (int)InitializeDevice(device).type, device?.index ?? -1)), device ?? CPU)
        {
        }

        ~Generator() => Dispose(false);

        /// <summary>The CPU's default generator.</summary>
        public static Generator Default => new(Bridge.Check(Bridge.nc_default_generator()), CPU);

        /// <exception cref="ObjectDisposedException">The generator has been disposed.</exception>
        public nint Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(_handle == 0, this);
                return _handle;
            }
        }

        public Device device { get; }

        /// <summary>The whole state, as bytes.</summary>
        public Tensor get_state()
        {
            var state = new Tensor(Bridge.Check(Bridge.nc_generator_state(Handle)));
            GC.KeepAlive(this);
            return state;
        }

        public void set_state(Tensor value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Bridge.Check(Bridge.nc_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        public Generator manual_seed(long seed)
        {
            Bridge.Check(Bridge.nc_generator_seed(Handle, (ulong)seed));
            GC.KeepAlive(this);
            return this;
        }

        public long initial_seed()
        {
            var seed = (long)Bridge.nc_generator_initial_seed(Handle);
            GC.KeepAlive(this);
            return seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var owned = Interlocked.Exchange(ref _handle, 0);
            if (owned != 0) Bridge.nc_generator_release(owned);
        }
    }

    public static partial class random
    {
        public static Generator manual_seed(long seed)
        {
            Bridge.Check(Bridge.nc_manual_seed((ulong)seed));
            return Generator.Default;
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
