/* As the package has it; read before the settings of a deployment are added. */
var interfaceConfig = {
  APP_NAME: "Stand-in for Jitsi Meet",
  NATIVE_APP_NAME: "Stand-in for Jitsi Meet",
  PROVIDER_NAME: "Audio Meet lab",
};
