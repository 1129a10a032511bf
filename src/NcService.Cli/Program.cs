using NcService.Cli;

return await NcctlCommand.RunAsync(args, Console.Out, Console.Error);
