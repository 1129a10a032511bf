using static NcService.Torch.Interop.Operators;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bernoulli(torch.Generator? generator = null) => Call("aten::bernoulli", this, generator);

        public Tensor bernoulli_(double p = 0.5, torch.Generator? generator = null) =>
            InPlace("aten::bernoulli_.float", this, p, generator);

        public Tensor multinomial(long num_samples, bool replacement = false, torch.Generator? generator = null) =>
            Call("aten::multinomial", this, num_samples, replacement, generator);

        public Tensor uniform_(double from, double to, torch.Generator? generator = null) =>
            InPlace("aten::uniform_", this, from, to, generator);

        public Tensor normal_(double mean = 0.0, double std = 1.0, torch.Generator? generator = null) =>
            InPlace("aten::normal_", this, mean, std, generator);

        public Tensor log_normal_(double mean = 0.0, double std = 1.0, torch.Generator? generator = null) =>
            InPlace("aten::log_normal_", this, mean, std, generator);

        public Tensor exponential_(double lambda = 1.0, torch.Generator? generator = null) =>
            InPlace("aten::exponential_", this, lambda, generator);

        public Tensor random_(double from, double to, torch.Generator? generator = null) =>
            InPlace("aten::random_.from", this, (long)from, (long)to, generator);
    }
}
