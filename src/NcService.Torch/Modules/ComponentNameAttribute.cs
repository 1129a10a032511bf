namespace TorchSharp.Utils;

/// <summary>The name of a component in its module's state_dict, where it isn't the field's.</summary>
[AttributeUsage(AttributeTargets.Field)]
public class ComponentNameAttribute : Attribute
{
    public string? Name { get; set; }
}
