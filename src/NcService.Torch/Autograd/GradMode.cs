using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    // These modes belong to a thread: never hold one across an await.

    /// <summary>Until disposed, nothing on this thread is recorded for backward.</summary>
    public static IDisposable no_grad() => new AutoGradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);

    /// <summary>As <see cref="no_grad"/>, faster; tensors made inside can never take part in a recorded computation.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => Bridge.nc_grad_enabled() != 0;

    private sealed class AutoGradMode : IDisposable
    {
        private readonly int _previous = Bridge.nc_grad_enabled();

        public AutoGradMode(bool enabled) => Bridge.nc_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Bridge.nc_set_grad_enabled(_previous);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint _guard = Bridge.nc_inference_mode_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            var guard = _guard;
            _guard = 0;
            if (guard != 0) Bridge.nc_inference_mode_leave(guard);
        }
    }
}
