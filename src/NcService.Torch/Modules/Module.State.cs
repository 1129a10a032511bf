using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // State dictionaries, and moving between devices and element types.
        public partial class Module
        {
            /// <summary>All parameters and persistent buffers, under their full names; the tensors are the module's own.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var stem = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in named_parameters()) destination.TryAdd(stem + name, parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(stem + name, buffer);
                foreach (var (name, module) in named_children()) module.state_dict(destination, stem + name);
                return destination;
            }

            /// <summary>Copies values in by name.</summary>
            /// <exception cref="InvalidOperationException">Names are missing or too many, and <paramref name="strict"/> is set.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var destination = state_dict();
                bool Wanted(string key) => skip?.Contains(key) != true;
                var unexpected = source.Keys.Where(key => Wanted(key) && !destination.ContainsKey(key)).ToList();
                var missing = destination.Keys.Where(key => Wanted(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException(
                        $"The loaded state_dict is not identical to the target dictionary: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}].");
                }

                using var frozen = no_grad();
                foreach (var (key, tensor) in source)
                {
                    if (Wanted(key) && destination.TryGetValue(key, out var target)) target.copy_(tensor);
                }

                return (missing, unexpected);
            }

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking) =>
                Convert(dtype, InitializeDevice(device), non_blocking);

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                Convert(null, InitializeDevice(new Device(deviceType, deviceIndex)), non_blocking);

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking) => Convert(dtype, null, non_blocking);

            private Module Convert(ScalarType? dtype, Device? device, bool non_blocking)
            {
                if (dtype is { } wanted && !is_floating_point(wanted))
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={wanted}", nameof(dtype));
                foreach (var (_, module) in named_children()) module.Convert(dtype, device, non_blocking);
                foreach (var (name, parameter) in _parameters.ToList())
                {
                    if (Replacement(parameter, dtype, device, non_blocking) is not { } converted) continue;
                    using var gradient = parameter.grad;
                    var replacement = new Parameter(converted, parameter.requires_grad);
                    replacement.DetachFromDisposeScope();
                    if (gradient is not null)
                    {
                        using var moved = Replacement(gradient, dtype, device, non_blocking) ?? gradient.alias();
                        replacement.grad = moved;
                    }

                    _parameters[name] = replacement;
                    Exchange(parameter, replacement);
                }

                foreach (var (name, buffer) in _buffers.ToList())
                {
                    if (Replacement(buffer.Tensor, dtype, device, non_blocking) is not { } converted) continue;
                    _buffers[name] = (converted.DetachFromDisposeScope(), buffer.Persistent);
                    Exchange(buffer.Tensor, converted);
                }

                if (device is not null) (_deviceType, _deviceIndex) = (device.type, device.index);
                return this;
            }

            // Null where the tensor already is what is wanted. Only floating-point tensors change their type.
            private static Tensor? Replacement(Tensor tensor, ScalarType? dtype, Device? device, bool non_blocking)
            {
                var type = dtype is { } wanted && tensor.is_floating_point() ? wanted : tensor.dtype;
                var place = device ?? tensor.device;
                if (!tensor.toWillCopy(type, place)) return null;
                using var frozen = no_grad();
                return tensor.to(type, place, non_blocking: non_blocking);
            }

            // Fields that hold the former tensor get the new one.
            private void Exchange(Tensor former, Tensor replacement)
            {
                foreach (var field in Fields())
                {
                    if (ReferenceEquals(field.GetValue(this), former)) field.SetValue(this, replacement);
                }

                former.Dispose();
            }
        }
    }
}
