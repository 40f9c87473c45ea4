/**
 * The Go types behind Tekton 1.15 and Kubernetes 0.36 runs: for every field its JSON name, its type, and when it is written.
 * A field is `name:type`, then `:!` when it is always written, `:0` when it is left out at zero; left out when empty otherwise.
 * `?` marks a pointer, `[]` a list, `map<>` a map with text keys. Order is the order of Go.
 *
 * @module
 */

/** Fields of each type. */
export const FIELDS: Readonly<Record<string, string>> = {
  'apis.Condition':
    'type:string:! status:string:! severity:string lastTransitionTime:apis.VolatileTime:! reason:string message:string',
  'config.FeatureFlags':
    'disableCredsInit:bool runningInEnvWithInjectedSidecars:bool requireGitSSHSecretKnownHosts:bool enableAPIFields:string sendCloudEventsForRuns:bool awaitSidecarReadiness:bool enforceNonfalsifiability:string enableKeepPodOnCancel:bool verificationNoMatchPolicy:string enableProvenanceInStatus:bool resultExtractionMethod:string maxResultSize:int setSecurityContext:bool setSecurityContextReadOnlyRootFilesystem:bool coschedule:string enableCELInWhenExpression:bool enableStepActions:bool enableParamEnum:bool enableArtifacts:bool disableInlineSpec:string enableConciseResolverSyntax:bool enableKubernetesSidecar:bool enableWaitExponentialBackoff:bool enableTerminationMessageCompression:bool enableTektonOCIBundles:bool?',
  'core.AWSElasticBlockStoreVolumeSource': 'volumeID:string:! fsType:string partition:int readOnly:bool',
  'core.Affinity':
    'nodeAffinity:core.NodeAffinity? podAffinity:core.PodAffinity? podAntiAffinity:core.PodAntiAffinity?',
  'core.AppArmorProfile': 'type:string:! localhostProfile:string?',
  'core.AzureDiskVolumeSource':
    'diskName:string:! diskURI:string:! cachingMode:string? fsType:string? readOnly:bool? kind:string?',
  'core.AzureFileVolumeSource': 'secretName:string:! shareName:string:! readOnly:bool',
  'core.CSIVolumeSource':
    'driver:string:! readOnly:bool? fsType:string? volumeAttributes:map<string> nodePublishSecretRef:core.LocalObjectReference?',
  'core.Capabilities': 'add:[]string drop:[]string',
  'core.CephFSVolumeSource':
    'monitors:[]string:! path:string user:string secretFile:string secretRef:core.LocalObjectReference? readOnly:bool',
  'core.CinderVolumeSource':
    'volumeID:string:! fsType:string readOnly:bool secretRef:core.LocalObjectReference?',
  'core.ClusterTrustBundleProjection':
    'name:string? signerName:string? labelSelector:meta.LabelSelector? optional:bool? path:string:!',
  'core.ConfigMapEnvSource': 'name:string optional:bool?',
  'core.ConfigMapKeySelector': 'name:string key:string:! optional:bool?',
  'core.ConfigMapProjection': 'name:string items:[]core.KeyToPath optional:bool?',
  'core.ConfigMapVolumeSource': 'name:string items:[]core.KeyToPath defaultMode:int? optional:bool?',
  'core.ContainerPort': 'name:string hostPort:int containerPort:int:! protocol:string hostIP:string',
  'core.ContainerStateRunning': 'startedAt:meta.Time:!',
  'core.ContainerStateTerminated':
    'exitCode:int:! signal:int reason:string message:string startedAt:meta.Time:! finishedAt:meta.Time:! containerID:string',
  'core.ContainerStateWaiting': 'reason:string message:string',
  'core.DownwardAPIProjection': 'items:[]core.DownwardAPIVolumeFile',
  'core.DownwardAPIVolumeFile':
    'path:string:! fieldRef:core.ObjectFieldSelector? resourceFieldRef:core.ResourceFieldSelector? mode:int?',
  'core.DownwardAPIVolumeSource': 'items:[]core.DownwardAPIVolumeFile defaultMode:int?',
  'core.EmptyDirVolumeSource': 'medium:string sizeLimit:resource.Quantity?',
  'core.EnvFromSource': 'prefix:string configMapRef:core.ConfigMapEnvSource? secretRef:core.SecretEnvSource?',
  'core.EnvVar': 'name:string:! value:string valueFrom:core.EnvVarSource?',
  'core.EnvVarSource':
    'fieldRef:core.ObjectFieldSelector? resourceFieldRef:core.ResourceFieldSelector? configMapKeyRef:core.ConfigMapKeySelector? secretKeyRef:core.SecretKeySelector? fileKeyRef:core.FileKeySelector?',
  'core.EphemeralVolumeSource': 'volumeClaimTemplate:core.PersistentVolumeClaimTemplate?',
  'core.ExecAction': 'command:[]string',
  'core.FCVolumeSource': 'targetWWNs:[]string lun:int? fsType:string readOnly:bool wwids:[]string',
  'core.FileKeySelector': 'volumeName:string:! path:string:! key:string:! optional:bool?',
  'core.FlexVolumeSource':
    'driver:string:! fsType:string secretRef:core.LocalObjectReference? readOnly:bool options:map<string>',
  'core.FlockerVolumeSource': 'datasetName:string datasetUUID:string',
  'core.GCEPersistentDiskVolumeSource': 'pdName:string:! fsType:string partition:int readOnly:bool',
  'core.GRPCAction': 'port:int:! service:string?:!',
  'core.GitRepoVolumeSource': 'repository:string:! revision:string directory:string',
  'core.GlusterfsVolumeSource': 'endpoints:string:! path:string:! readOnly:bool',
  'core.HTTPGetAction':
    'path:string port:intstr.IntOrString:! host:string scheme:string httpHeaders:[]core.HTTPHeader',
  'core.HTTPHeader': 'name:string:! value:string:!',
  'core.HostAlias': 'ip:string:! hostnames:[]string',
  'core.HostPathVolumeSource': 'path:string:! type:string?',
  'core.ISCSIVolumeSource':
    'targetPortal:string:! iqn:string:! lun:int:! iscsiInterface:string fsType:string readOnly:bool portals:[]string chapAuthDiscovery:bool chapAuthSession:bool secretRef:core.LocalObjectReference? initiatorName:string?',
  'core.ImageVolumeSource': 'reference:string pullPolicy:string',
  'core.KeyToPath': 'key:string:! path:string:! mode:int?',
  'core.Lifecycle': 'postStart:core.LifecycleHandler? preStop:core.LifecycleHandler? stopSignal:string?',
  'core.LifecycleHandler':
    'exec:core.ExecAction? httpGet:core.HTTPGetAction? tcpSocket:core.TCPSocketAction? sleep:core.SleepAction?',
  'core.LocalObjectReference': 'name:string',
  'core.ModifyVolumeStatus': 'targetVolumeAttributesClassName:string status:string:!',
  'core.NFSVolumeSource': 'server:string:! path:string:! readOnly:bool',
  'core.NodeAffinity':
    'requiredDuringSchedulingIgnoredDuringExecution:core.NodeSelector? preferredDuringSchedulingIgnoredDuringExecution:[]core.PreferredSchedulingTerm',
  'core.NodeSelector': 'nodeSelectorTerms:[]core.NodeSelectorTerm:!',
  'core.NodeSelectorRequirement': 'key:string:! operator:string:! values:[]string',
  'core.NodeSelectorTerm':
    'matchExpressions:[]core.NodeSelectorRequirement matchFields:[]core.NodeSelectorRequirement',
  'core.ObjectFieldSelector': 'apiVersion:string fieldPath:string:!',
  'core.PersistentVolumeClaim':
    'kind:string apiVersion:string metadata:meta.ObjectMeta:! spec:core.PersistentVolumeClaimSpec:! status:core.PersistentVolumeClaimStatus:!',
  'core.PersistentVolumeClaimCondition':
    'type:string:! status:string:! lastProbeTime:meta.Time:! lastTransitionTime:meta.Time:! reason:string message:string',
  'core.PersistentVolumeClaimSpec':
    'accessModes:[]string selector:meta.LabelSelector? resources:core.VolumeResourceRequirements:! volumeName:string storageClassName:string? volumeMode:string? dataSource:core.TypedLocalObjectReference? dataSourceRef:core.TypedObjectReference? volumeAttributesClassName:string?',
  'core.PersistentVolumeClaimStatus':
    'phase:string accessModes:[]string capacity:map<resource.Quantity> conditions:[]core.PersistentVolumeClaimCondition allocatedResources:map<resource.Quantity> allocatedResourceStatuses:map<string> currentVolumeAttributesClassName:string? modifyVolumeStatus:core.ModifyVolumeStatus?',
  'core.PersistentVolumeClaimTemplate': 'metadata:meta.ObjectMeta:! spec:core.PersistentVolumeClaimSpec:!',
  'core.PersistentVolumeClaimVolumeSource': 'claimName:string:! readOnly:bool',
  'core.PhotonPersistentDiskVolumeSource': 'pdID:string:! fsType:string',
  'core.PodAffinity':
    'requiredDuringSchedulingIgnoredDuringExecution:[]core.PodAffinityTerm preferredDuringSchedulingIgnoredDuringExecution:[]core.WeightedPodAffinityTerm',
  'core.PodAffinityTerm':
    'labelSelector:meta.LabelSelector? namespaces:[]string topologyKey:string:! namespaceSelector:meta.LabelSelector? matchLabelKeys:[]string mismatchLabelKeys:[]string',
  'core.PodAntiAffinity':
    'requiredDuringSchedulingIgnoredDuringExecution:[]core.PodAffinityTerm preferredDuringSchedulingIgnoredDuringExecution:[]core.WeightedPodAffinityTerm',
  'core.PodCertificateProjection':
    'signerName:string keyType:string maxExpirationSeconds:int? credentialBundlePath:string keyPath:string certificateChainPath:string userAnnotations:map<string>',
  'core.PodDNSConfig': 'nameservers:[]string searches:[]string options:[]core.PodDNSConfigOption',
  'core.PodDNSConfigOption': 'name:string value:string?',
  'core.PodSecurityContext':
    'seLinuxOptions:core.SELinuxOptions? windowsOptions:core.WindowsSecurityContextOptions? runAsUser:int? runAsGroup:int? runAsNonRoot:bool? supplementalGroups:[]int supplementalGroupsPolicy:string? fsGroup:int? sysctls:[]core.Sysctl fsGroupChangePolicy:string? seccompProfile:core.SeccompProfile? appArmorProfile:core.AppArmorProfile? seLinuxChangePolicy:string?',
  'core.PortworxVolumeSource': 'volumeID:string:! fsType:string readOnly:bool',
  'core.PreferredSchedulingTerm': 'weight:int:! preference:core.NodeSelectorTerm:!',
  'core.Probe':
    'exec:core.ExecAction? httpGet:core.HTTPGetAction? tcpSocket:core.TCPSocketAction? grpc:core.GRPCAction? initialDelaySeconds:int timeoutSeconds:int periodSeconds:int successThreshold:int failureThreshold:int terminationGracePeriodSeconds:int?',
  'core.ProjectedVolumeSource': 'sources:[]core.VolumeProjection:! defaultMode:int?',
  'core.QuobyteVolumeSource':
    'registry:string:! volume:string:! readOnly:bool user:string group:string tenant:string',
  'core.RBDVolumeSource':
    'monitors:[]string:! image:string:! fsType:string pool:string user:string keyring:string secretRef:core.LocalObjectReference? readOnly:bool',
  'core.ResourceClaim': 'name:string:! request:string',
  'core.ResourceFieldSelector': 'containerName:string resource:string:! divisor:resource.Quantity:!',
  'core.ResourceRequirements':
    'limits:map<resource.Quantity> requests:map<resource.Quantity> claims:[]core.ResourceClaim',
  'core.SELinuxOptions': 'user:string role:string type:string level:string',
  'core.ScaleIOVolumeSource':
    'gateway:string:! system:string:! secretRef:core.LocalObjectReference?:! sslEnabled:bool protectionDomain:string storagePool:string storageMode:string volumeName:string fsType:string readOnly:bool',
  'core.SeccompProfile': 'type:string:! localhostProfile:string?',
  'core.SecretEnvSource': 'name:string optional:bool?',
  'core.SecretKeySelector': 'name:string key:string:! optional:bool?',
  'core.SecretProjection': 'name:string items:[]core.KeyToPath optional:bool?',
  'core.SecretVolumeSource': 'secretName:string items:[]core.KeyToPath defaultMode:int? optional:bool?',
  'core.SecurityContext':
    'capabilities:core.Capabilities? privileged:bool? seLinuxOptions:core.SELinuxOptions? windowsOptions:core.WindowsSecurityContextOptions? runAsUser:int? runAsGroup:int? runAsNonRoot:bool? readOnlyRootFilesystem:bool? allowPrivilegeEscalation:bool? procMount:string? seccompProfile:core.SeccompProfile? appArmorProfile:core.AppArmorProfile?',
  'core.ServiceAccountTokenProjection': 'audience:string expirationSeconds:int? path:string:!',
  'core.SleepAction': 'seconds:int:!',
  'core.StorageOSVolumeSource':
    'volumeName:string volumeNamespace:string fsType:string readOnly:bool secretRef:core.LocalObjectReference?',
  'core.Sysctl': 'name:string:! value:string:!',
  'core.TCPSocketAction': 'port:intstr.IntOrString:! host:string',
  'core.Toleration': 'key:string operator:string value:string effect:string tolerationSeconds:int?',
  'core.TopologySpreadConstraint':
    'maxSkew:int:! topologyKey:string:! whenUnsatisfiable:string:! labelSelector:meta.LabelSelector? minDomains:int? nodeAffinityPolicy:string? nodeTaintsPolicy:string? matchLabelKeys:[]string',
  'core.TypedLocalObjectReference': 'apiGroup:string?:! kind:string:! name:string:!',
  'core.TypedObjectReference': 'apiGroup:string?:! kind:string:! name:string:! namespace:string?',
  'core.Volume':
    'name:string:! hostPath:core.HostPathVolumeSource? emptyDir:core.EmptyDirVolumeSource? gcePersistentDisk:core.GCEPersistentDiskVolumeSource? awsElasticBlockStore:core.AWSElasticBlockStoreVolumeSource? gitRepo:core.GitRepoVolumeSource? secret:core.SecretVolumeSource? nfs:core.NFSVolumeSource? iscsi:core.ISCSIVolumeSource? glusterfs:core.GlusterfsVolumeSource? persistentVolumeClaim:core.PersistentVolumeClaimVolumeSource? rbd:core.RBDVolumeSource? flexVolume:core.FlexVolumeSource? cinder:core.CinderVolumeSource? cephfs:core.CephFSVolumeSource? flocker:core.FlockerVolumeSource? downwardAPI:core.DownwardAPIVolumeSource? fc:core.FCVolumeSource? azureFile:core.AzureFileVolumeSource? configMap:core.ConfigMapVolumeSource? vsphereVolume:core.VsphereVirtualDiskVolumeSource? quobyte:core.QuobyteVolumeSource? azureDisk:core.AzureDiskVolumeSource? photonPersistentDisk:core.PhotonPersistentDiskVolumeSource? projected:core.ProjectedVolumeSource? portworxVolume:core.PortworxVolumeSource? scaleIO:core.ScaleIOVolumeSource? storageos:core.StorageOSVolumeSource? csi:core.CSIVolumeSource? ephemeral:core.EphemeralVolumeSource? image:core.ImageVolumeSource?',
  'core.VolumeDevice': 'name:string:! devicePath:string:!',
  'core.VolumeMount':
    'name:string:! readOnly:bool recursiveReadOnly:string? mountPath:string:! subPath:string mountPropagation:string? subPathExpr:string',
  'core.VolumeProjection':
    'secret:core.SecretProjection? downwardAPI:core.DownwardAPIProjection? configMap:core.ConfigMapProjection? serviceAccountToken:core.ServiceAccountTokenProjection? clusterTrustBundle:core.ClusterTrustBundleProjection? podCertificate:core.PodCertificateProjection?',
  'core.VolumeResourceRequirements': 'limits:map<resource.Quantity> requests:map<resource.Quantity>',
  'core.VsphereVirtualDiskVolumeSource':
    'volumePath:string:! fsType:string storagePolicyName:string storagePolicyID:string',
  'core.WeightedPodAffinityTerm': 'weight:int:! podAffinityTerm:core.PodAffinityTerm:!',
  'core.WindowsSecurityContextOptions':
    'gmsaCredentialSpecName:string? gmsaCredentialSpec:string? runAsUserName:string? hostProcess:bool?',
  'meta.LabelSelector': 'matchLabels:map<string> matchExpressions:[]meta.LabelSelectorRequirement',
  'meta.LabelSelectorRequirement': 'key:string:! operator:string:! values:[]string',
  'meta.ManagedFieldsEntry':
    'manager:string operation:string apiVersion:string time:meta.Time? fieldsType:string fieldsV1:meta.FieldsV1? subresource:string',
  'meta.ObjectMeta':
    'name:string generateName:string namespace:string selfLink:string uid:string resourceVersion:string generation:int creationTimestamp:meta.Time:0 deletionTimestamp:meta.Time? deletionGracePeriodSeconds:int? labels:map<string> annotations:map<string> ownerReferences:[]meta.OwnerReference finalizers:[]string managedFields:[]meta.ManagedFieldsEntry',
  'meta.OwnerReference':
    'apiVersion:string:! kind:string:! name:string:! uid:string:! controller:bool? blockOwnerDeletion:bool?',
  'pod.Template':
    'nodeSelector:map<string> env:[]core.EnvVar tolerations:[]core.Toleration affinity:core.Affinity? securityContext:core.PodSecurityContext? volumes:[]core.Volume runtimeClassName:string? automountServiceAccountToken:bool? dnsPolicy:string? dnsConfig:core.PodDNSConfig? enableServiceLinks:bool? priorityClassName:string? schedulerName:string imagePullSecrets:[]core.LocalObjectReference hostAliases:[]core.HostAlias hostNetwork:bool hostUsers:bool? topologySpreadConstraints:[]core.TopologySpreadConstraint',
  'tekton.Artifact': 'name:string values:[]tekton.ArtifactValue buildOutput:bool',
  'tekton.ArtifactValue': 'digest:map<string> uri:string',
  'tekton.Artifacts': 'inputs:[]tekton.Artifact outputs:[]tekton.Artifact',
  'tekton.ChildStatusReference':
    'apiVersion:string kind:string name:string displayName:string pipelineTaskName:string whenExpressions:[]tekton.WhenExpression',
  'tekton.EmbeddedTask':
    'apiVersion:string kind:string spec:runtime.RawExtension:! metadata:tekton.PipelineTaskMetadata:! params:[]tekton.ParamSpec displayName:string description:string steps:[]tekton.Step volumes:[]core.Volume stepTemplate:tekton.StepTemplate? sidecars:[]tekton.Sidecar workspaces:[]tekton.WorkspaceDeclaration results:[]tekton.TaskResult',
  'tekton.IncludeParams': 'name:string params:[]tekton.Param',
  'tekton.Matrix': 'params:[]tekton.Param include:[]tekton.IncludeParams',
  'tekton.Param': 'name:string:! value:tekton.ParamValue:!',
  'tekton.ParamSpec':
    'name:string:! type:string description:string properties:map<tekton.PropertySpec> default:tekton.ParamValue? enum:[]string',
  'tekton.PipelineRef': 'name:string apiVersion:string resolver:string params:[]tekton.Param',
  'tekton.PipelineResult': 'name:string:! type:string description:string:! value:tekton.ParamValue:!',
  'tekton.PipelineRun':
    'kind:string apiVersion:string metadata:meta.ObjectMeta:! spec:tekton.PipelineRunSpec:! status:tekton.PipelineRunStatus:!',
  'tekton.PipelineRunResult': 'name:string:! value:tekton.ParamValue:!',
  'tekton.PipelineRunSpec':
    'pipelineRef:tekton.PipelineRef? pipelineSpec:tekton.PipelineSpec? params:[]tekton.Param status:string timeouts:tekton.TimeoutFields? taskRunTemplate:tekton.PipelineTaskRunTemplate:! workspaces:[]tekton.WorkspaceBinding taskRunSpecs:[]tekton.PipelineTaskRunSpec managedBy:string?',
  'tekton.PipelineRunStatus':
    'observedGeneration:int conditions:[]apis.Condition annotations:map<string> startTime:meta.Time? completionTime:meta.Time? results:[]tekton.PipelineRunResult pipelineSpec:tekton.PipelineSpec? skippedTasks:[]tekton.SkippedTask childReferences:[]tekton.ChildStatusReference finallyStartTime:meta.Time? provenance:tekton.Provenance? spanContext:map<string>',
  'tekton.PipelineSpec':
    'displayName:string description:string tasks:[]tekton.PipelineTask params:[]tekton.ParamSpec workspaces:[]tekton.PipelineWorkspaceDeclaration results:[]tekton.PipelineResult finally:[]tekton.PipelineTask',
  'tekton.PipelineTask':
    'name:string displayName:string description:string taskRef:tekton.TaskRef? taskSpec:tekton.EmbeddedTask? when:[]tekton.WhenExpression retries:int runAfter:[]string params:[]tekton.Param matrix:tekton.Matrix? workspaces:[]tekton.WorkspacePipelineTaskBinding timeout:meta.Duration? pipelineRef:tekton.PipelineRef? pipelineSpec:tekton.PipelineSpec? onError:string',
  'tekton.PipelineTaskMetadata': 'labels:map<string> annotations:map<string>',
  'tekton.PipelineTaskRunSpec':
    'pipelineTaskName:string serviceAccountName:string podTemplate:pod.Template? stepSpecs:[]tekton.TaskRunStepSpec sidecarSpecs:[]tekton.TaskRunSidecarSpec metadata:tekton.PipelineTaskMetadata? computeResources:core.ResourceRequirements? timeout:meta.Duration?',
  'tekton.PipelineTaskRunTemplate': 'podTemplate:pod.Template? serviceAccountName:string',
  'tekton.PipelineWorkspaceDeclaration': 'name:string:! description:string optional:bool',
  'tekton.PropertySpec': 'type:string',
  'tekton.Provenance': 'refSource:tekton.RefSource? featureFlags:config.FeatureFlags?',
  'tekton.Ref': 'name:string resolver:string params:[]tekton.Param',
  'tekton.RefSource': 'uri:string digest:map<string> entryPoint:string',
  'tekton.Sidecar':
    'name:string:! image:string command:[]string args:[]string workingDir:string ports:[]core.ContainerPort envFrom:[]core.EnvFromSource env:[]core.EnvVar computeResources:core.ResourceRequirements:! volumeMounts:[]core.VolumeMount volumeDevices:[]core.VolumeDevice livenessProbe:core.Probe? readinessProbe:core.Probe? startupProbe:core.Probe? lifecycle:core.Lifecycle? terminationMessagePath:string terminationMessagePolicy:string imagePullPolicy:string securityContext:core.SecurityContext? stdin:bool stdinOnce:bool tty:bool script:string workspaces:[]tekton.WorkspaceUsage restartPolicy:string?',
  'tekton.SidecarState':
    'waiting:core.ContainerStateWaiting? running:core.ContainerStateRunning? terminated:core.ContainerStateTerminated? name:string container:string imageID:string',
  'tekton.SkippedTask': 'name:string:! reason:string:! whenExpressions:[]tekton.WhenExpression',
  'tekton.Step':
    'name:string:! displayName:string image:string command:[]string args:[]string workingDir:string envFrom:[]core.EnvFromSource env:[]core.EnvVar computeResources:core.ResourceRequirements:! volumeMounts:[]core.VolumeMount volumeDevices:[]core.VolumeDevice imagePullPolicy:string securityContext:core.SecurityContext? script:string timeout:meta.Duration? workspaces:[]tekton.WorkspaceUsage onError:string stdoutConfig:tekton.StepOutputConfig? stderrConfig:tekton.StepOutputConfig? ref:tekton.Ref? params:[]tekton.Param results:[]tekton.StepResult when:[]tekton.WhenExpression',
  'tekton.StepOutputConfig': 'path:string',
  'tekton.StepResult': 'name:string:! type:string properties:map<tekton.PropertySpec> description:string',
  'tekton.StepState':
    'waiting:core.ContainerStateWaiting? running:core.ContainerStateRunning? terminated:core.ContainerStateTerminated? name:string container:string imageID:string results:[]tekton.TaskRunResult provenance:tekton.Provenance? terminationReason:string inputs:[]tekton.Artifact outputs:[]tekton.Artifact',
  'tekton.StepTemplate':
    'image:string command:[]string args:[]string workingDir:string envFrom:[]core.EnvFromSource env:[]core.EnvVar computeResources:core.ResourceRequirements:! volumeMounts:[]core.VolumeMount volumeDevices:[]core.VolumeDevice imagePullPolicy:string securityContext:core.SecurityContext?',
  'tekton.TaskBreakpoints': 'onFailure:string beforeSteps:[]string',
  'tekton.TaskRef': 'name:string kind:string apiVersion:string resolver:string params:[]tekton.Param',
  'tekton.TaskResult':
    'name:string:! type:string properties:map<tekton.PropertySpec> description:string value:tekton.ParamValue?',
  'tekton.TaskRun':
    'kind:string apiVersion:string metadata:meta.ObjectMeta:! spec:tekton.TaskRunSpec:! status:tekton.TaskRunStatus:!',
  'tekton.TaskRunDebug': 'breakpoints:tekton.TaskBreakpoints?',
  'tekton.TaskRunResult': 'name:string:! type:string value:tekton.ParamValue:!',
  'tekton.TaskRunSidecarSpec': 'name:string:! computeResources:core.ResourceRequirements:!',
  'tekton.TaskRunSpec':
    'debug:tekton.TaskRunDebug? params:[]tekton.Param serviceAccountName:string:! taskRef:tekton.TaskRef? taskSpec:tekton.TaskSpec? status:string statusMessage:string retries:int timeout:meta.Duration? podTemplate:pod.Template? workspaces:[]tekton.WorkspaceBinding stepSpecs:[]tekton.TaskRunStepSpec sidecarSpecs:[]tekton.TaskRunSidecarSpec computeResources:core.ResourceRequirements? managedBy:string?',
  'tekton.TaskRunStatus':
    'observedGeneration:int conditions:[]apis.Condition annotations:map<string> podName:string:! startTime:meta.Time? completionTime:meta.Time? steps:[]tekton.StepState retriesStatus:[]tekton.TaskRunStatus results:[]tekton.TaskRunResult artifacts:tekton.Artifacts? sidecars:[]tekton.SidecarState taskSpec:tekton.TaskSpec? provenance:tekton.Provenance? spanContext:map<string>',
  'tekton.TaskRunStepSpec': 'name:string:! computeResources:core.ResourceRequirements:!',
  'tekton.TaskSpec':
    'params:[]tekton.ParamSpec displayName:string description:string steps:[]tekton.Step volumes:[]core.Volume stepTemplate:tekton.StepTemplate? sidecars:[]tekton.Sidecar workspaces:[]tekton.WorkspaceDeclaration results:[]tekton.TaskResult',
  'tekton.TimeoutFields': 'pipeline:meta.Duration? tasks:meta.Duration? finally:meta.Duration?',
  'tekton.WhenExpression': 'input:string operator:string values:[]string cel:string',
  'tekton.WorkspaceBinding':
    'name:string:! subPath:string volumeClaimTemplate:core.PersistentVolumeClaim? persistentVolumeClaim:core.PersistentVolumeClaimVolumeSource? emptyDir:core.EmptyDirVolumeSource? configMap:core.ConfigMapVolumeSource? secret:core.SecretVolumeSource? projected:core.ProjectedVolumeSource? csi:core.CSIVolumeSource?',
  'tekton.WorkspaceDeclaration':
    'name:string:! description:string mountPath:string readOnly:bool optional:bool',
  'tekton.WorkspacePipelineTaskBinding': 'name:string:! workspace:string subPath:string',
  'tekton.WorkspaceUsage': 'name:string:! mountPath:string:!',
};
