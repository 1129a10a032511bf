using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }

            public abstract partial class Optimizer : IDisposable
            {
                protected IList<ParamGroup> _parameter_groups = [];

                // TorchSharp's own constructor takes a native optimizer; the optimizers here are C#.
                private protected Optimizer()
                {
                }

                ~Optimizer() => Dispose(false);

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                public abstract void zero_grad();

                public abstract Tensor? step(Func<Tensor>? closure = null);

                public abstract IEnumerable<Parameter> parameters();

                public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

                protected virtual void Dispose(bool disposing)
                {
                }

                /// <summary>The options of each group and the state of each parameter, in order; the objects are the optimizer's own.</summary>
                public class StateDictionary
                {
                    internal StateDictionary()
                    {
                    }

                    public List<OptimizerOptions> Options { get; } = [];

                    public List<OptimizerState> State { get; } = [];

                    public List<List<int>> StateIndexRef { get; } = [];
                }
            }
        }
    }

    namespace Modules
    {
        public class OptimizerOptions
        {
            public double? LearningRate { get; set; }

            public double InitialLearningRate { get; set; }

            public virtual void LoadStateDict(OptimizerOptions source) =>
                (InitialLearningRate, LearningRate) = (source.InitialLearningRate, source.LearningRate);
        }

        public abstract class OptimizerState
        {
            protected Parameter _parameter;

            protected OptimizerState(Parameter parameter) => _parameter = parameter;

            public abstract void Initialize(OptimizerOptions options);

            public abstract void LoadStateDict(OptimizerState source);

            public virtual void to(torch.Device device)
            {
            }
        }

        /// <summary>Parameters that share options.</summary>
        public class ParamGroup : torch.optim.ILearningRateController
        {
            public IEnumerable<Parameter> Parameters { get; set; } = [];

            public OptimizerOptions? Options { get; set; }

            public double LearningRate
            {
                get => Options!.LearningRate!.Value;
                set => Options!.LearningRate = value;
            }

            public double InitialLearningRate
            {
                get => Options!.InitialLearningRate;
                set => Options!.InitialLearningRate = value;
            }
        }

        public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
            {
                Parameters = parameters;
                base.Options = options;
            }

            public new TOptions? Options
            {
                get => (TOptions?)base.Options;
                set => base.Options = value;
            }
        }
    }
}
